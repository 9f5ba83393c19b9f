"""The acceptance cases on real data: what the pipeline must say of it.

UCI Online Retail: cost, two runs over 541,909 lines, about a minute on two idle cores.
Hillstrom: a randomised e-mail test with 64,000 customers in three arms, half a minute.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from real_data import acceptance_script
from siyu_command import SIYU, TIMEOUT, clean_environment

pytestmark = [pytest.mark.long, pytest.mark.real_data]

# New customers by month of first order, 2010-12 to 2011-12.
NEW_CUSTOMERS = [885, 417, 380, 452, 300, 284, 242, 188, 169, 299, 358, 323, 41]


def _run_case(case: str, keep: Path) -> Path:
    """Run a case; return its published database."""
    command = [sys.executable, str(acceptance_script()), "--siyu", str(SIYU)]
    done = subprocess.run(
        [*command, "--keep", str(keep), case],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        env=clean_environment(),
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return keep / case / "siyu.duckdb"


def test_uci_default_case_holds(tmp_path: Path) -> None:
    _run_case("uci_default", tmp_path)


def test_hillstrom_case_holds(tmp_path: Path) -> None:
    _run_case("hillstrom", tmp_path)


def test_uci_textbook_case_holds_with_the_known_cohorts(tmp_path: Path) -> None:
    database = _run_case("uci_textbook", tmp_path)
    with duckdb.connect(str(database), read_only=True) as connection:
        cohorts = connection.execute(
            "select customers, active from marts.cohort_retention "
            "where month_no = 0 order by cohort_month"
        ).fetchall()
    assert cohorts == [(customers, customers) for customers in NEW_CUSTOMERS]
