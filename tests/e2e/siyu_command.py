"""Running the real `siyu` command of this environment, and other programs beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SIYU = BIN / "siyu"
# A full run takes half a minute on two idle cores; a busy machine may need far more.
TIMEOUT = 900


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment without what would lead a run to another shop or instance."""
    left_out = ("SIYU_CONFIG", "DAGSTER_HOME", "SIYU_BUILD_DB")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, **extra}


def siyu(*arguments: str | Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run `siyu` with these arguments and wait for it; ``extra`` is its environment."""
    return subprocess.run(
        [str(SIYU), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        env=clean_environment(**extra),
        check=False,
    )


def run_shop(config: Path, *arguments: str | Path) -> None:
    """`siyu run` on a configuration; it must succeed."""
    done = siyu("run", "--config", config, *arguments)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def run_python(script: Path, *arguments: str | Path) -> int:
    """Run a script of this folder to its end, and return its exit status.

    It leads a process group of its own, so that it may kill that.
    """
    done = subprocess.run(
        [sys.executable, str(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        env=clean_environment(),
        start_new_session=True,
        check=False,
    )
    assert done.returncode <= 0, done.stderr
    return done.returncode
