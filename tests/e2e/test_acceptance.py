"""The acceptance cases on real data: what the pipeline must say of UCI Online Retail.

Cost: two runs over 541,909 lines, about a minute on two idle cores.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
from real_data import acceptance_script
from siyu_command import SIYU, TIMEOUT, clean_environment

pytestmark = [pytest.mark.slow, pytest.mark.real_data]


@pytest.mark.parametrize("case", ["uci_textbook", "uci_default"])
def test_acceptance_case_holds(case: str) -> None:
    done = subprocess.run(
        [sys.executable, str(acceptance_script()), "--siyu", str(SIYU), case],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        env=clean_environment(),
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
