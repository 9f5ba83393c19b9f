"""A run that is killed with SIGKILL at any moment, and then run again.

Cost: 3 whole runs and 22 broken-off ones of a small shop, 7 minutes on two idle cores
(10 minutes of processor time on a busy machine).
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from mart_rows import Fingerprint, assert_whole_version, fingerprints
from small_shop import copy_shop
from watched_run import START, WatchedRun

# A step, and the share of its usual duration after which the run is killed in it.
BEFORE_FIRST_PUBLISH = [
    (START, 0.7),
    ("Load members", 0.1),
    ("Load mall_orders", 0.5),
    ("Load pos", 0.1),
    ("Load pos", 0.5),
    ("Load app", 0.1),
    ("Load app", 0.5),
    ("Load contacts", 0.1),
    ("Check landing", 0.3),
    ("Build the marts", 0.1),
    ("Build the marts", 0.5),
]
AFTER_FIRST_PUBLISH = [
    ("Load mall_lines", 0.0),
    ("Load experiment", 0.0),
    ("Check landing", 0.1),
    ("Check landing", 0.8),
    ("Build the marts", 0.3),
    ("Build the marts", 0.8),
    ("Check marts", 0.1),
    ("Check marts", 0.6),
    ("Publish", 0.0),
    ("Publish", 0.5),
    ("Export", 0.0),
]
HELD_BACK = "2025-06"
_ATTEMPTS = 4
Versions = list[dict[str, Fingerprint]]


def kill_at(config: Path, warehouse: Path, step: str, delay: float) -> str:
    """Start a run and kill it in a step; return the step that it was in.

    On a busy machine a run may come to its end before. Then another one is killed
    earlier, which rebuilds everything: there would be nothing left to do for it.
    """
    for attempt in range(_ATTEMPTS):
        again = ["--full-refresh"] if attempt else []
        run = WatchedRun(config, warehouse, *again)
        if run.wait_for(step):
            time.sleep(delay / 2**attempt)
        if run.kill():
            return run.step
    raise AssertionError(f"{_ATTEMPTS} runs ended before the kill in {step}")


def assert_readable(warehouse: Path, versions: Versions) -> None:
    """All that a reader or the next run may open can be opened, and is whole."""
    if (warehouse / "siyu.duckdb").exists():
        assert assert_whole_version(warehouse) in versions
    with duckdb.connect() as connection:
        for file in warehouse.glob("[lq]*/**/*.parquet"):  # landing and quarantine
            connection.execute(f"select count(*) from '{file}'").fetchone()
    if (warehouse / "ledger.sqlite").exists():
        with sqlite3.connect(warehouse / "ledger.sqlite") as load_log:
            assert load_log.execute("pragma integrity_check").fetchone() == ("ok",)


def run_to_the_end(config: Path, warehouse: Path) -> dict[str, Fingerprint]:
    run = WatchedRun(config, warehouse)
    assert run.finish() == 0, run.text
    return assert_whole_version(warehouse)


def landed(warehouse: Path) -> set[tuple[object, ...]]:
    """What the ledger says of each load, and the files that are there for it."""
    query = (
        "select load_id, source, rows_read, rows_accepted, rows_quarantined, "
        "rows_filtered from loads"
    )
    with sqlite3.connect(warehouse / "ledger.sqlite") as load_log:
        loads = set(load_log.execute(query).fetchall())
    files = warehouse.glob("[lq]*/*/*.parquet")
    return loads | {file.relative_to(warehouse).parts for file in files}


@pytest.mark.long
def test_killed_runs_leave_no_trace(small_shop: Path, tmp_path: Path) -> None:
    config = copy_shop(
        small_shop, tmp_path / "shop", with_warehouse=False, with_destinations=False
    )
    late = [f for f in (config.parent / "data").rglob("*") if HELD_BACK in f.name]
    undisturbed, warehouse = tmp_path / "undisturbed", tmp_path / "killed"
    reference = WatchedRun(config, undisturbed)
    assert reference.finish() == 0, reference.text
    durations, expected = (
        reference.durations(),
        fingerprints(undisturbed / "siyu.duckdb"),
    )
    hits: Counter[str] = Counter()

    def kill_in_turn(moments: list[tuple[str, float]], versions: Versions) -> None:
        for step, share in moments:
            hit = kill_at(config, warehouse, step, share * durations[step])
            assert_readable(warehouse, versions)
            hits[hit.split(" ")[0] if hit.startswith("Load") else hit] += 1

    for file in late:
        file.rename(tmp_path / file.name)
    kill_in_turn(BEFORE_FIRST_PUBLISH, versions=[])
    before = run_to_the_end(config, warehouse)
    for file in late:
        (tmp_path / file.name).rename(file)
    assert before != expected
    kill_in_turn(AFTER_FIRST_PUBLISH, versions=[before, expected])
    after = run_to_the_end(config, warehouse)

    assert after == expected
    assert landed(warehouse) == landed(undisturbed)
    assert not list((warehouse / "published").glob(".*"))
    assert hits.total() >= 20, hits
    missed = {"Load", "Check landing", "Build the marts", "Check marts"} - set(hits)
    assert not missed, hits
    shutil.rmtree(tmp_path)
