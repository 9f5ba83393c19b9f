"""`dagster job execute` from the command line does what `siyu run` does.

Cost: 1 run of a small shop, half a minute on two idle cores.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from mart_rows import assert_whole_version, fingerprints
from siyu_command import BIN, ROOT, TIMEOUT, clean_environment
from small_shop import copy_shop

from pipeline.storage.load_log import LoadLog


def test_job_execute_publishes_the_same_marts(
    small_shop: Path, published_warehouse: Path, tmp_path: Path
) -> None:
    config = copy_shop(small_shop, tmp_path / "shop", with_warehouse=False)
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy2(ROOT / "dagster.yaml", home)
    done = subprocess.run(
        [
            BIN / "dagster",
            "job",
            "execute",
            "-m",
            "pipeline.orchestration.definitions",
            "-j",
            "daily_refresh",
        ],
        cwd=ROOT,
        env=clean_environment(SIYU_CONFIG=str(config), DAGSTER_HOME=str(home)),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    expected = fingerprints(published_warehouse / "siyu.duckdb")
    warehouse = config.parent / "warehouse"
    assert assert_whole_version(warehouse) == expected
    assert [run.status for run in LoadLog(warehouse / "ledger.sqlite").runs()] == [
        "succeeded"
    ]
    assert_no_identifier(home)


def assert_no_identifier(home: Path) -> None:
    """Dagster's records of the run hold no phone number or address of a member."""
    records = [file for file in home.rglob("*") if file.is_file()]
    assert any(file.suffix == ".db" for file in records)
    for file in records:
        text = file.read_bytes().decode("latin-1")
        assert not re.search(r"@example\.com", text), file
        assert not re.search(r"(?<![\w.])199\d{8}(?!\w)", text), file
