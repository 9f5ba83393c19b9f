"""The ledger: a load is there wholly or not at all."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.storage.load_log import Load, LoadLog

LOAD = Load(
    load_id="l1",
    source="orders",
    entity="orders",
    content_hash="c",
    mapping_hash="m",
    bytes=9,
    rows_read=6,
    rows_accepted=3,
    rows_quarantined=2,
    rows_filtered=1,
    seconds=0.5,
    days={date(2024, 1, 1): 1, date(2024, 1, 3): 2},
)


@pytest.fixture
def load_log(tmp_path: Path) -> LoadLog:
    return LoadLog(tmp_path / "ledger.sqlite")


def test_a_load_comes_back_as_it_was(load_log: LoadLog) -> None:
    load_log.add_load(LOAD, "a.csv")
    assert load_log.loads() == [LOAD]
    assert load_log.names() == {("orders", "c"): ["a.csv"]}


def test_rows_must_add_up(load_log: LoadLog) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        load_log.add_load(replace(LOAD, rows_filtered=0), "a.csv")
    assert load_log.loads() == []


def test_a_failure_half_way_leaves_the_old_load(load_log: LoadLog) -> None:
    load_log.add_load(LOAD, "a.csv")
    with pytest.raises(sqlite3.IntegrityError):
        load_log.add_load(replace(LOAD, load_id="l2", rows_read=0), "b.csv")
    assert load_log.loads() == [LOAD]
    assert load_log.names() == {("orders", "c"): ["a.csv"]}


def test_loading_the_same_content_again_replaces_the_load(
    load_log: LoadLog,
) -> None:
    load_log.add_load(LOAD, "a.csv")
    again = replace(LOAD, load_id="l2", mapping_hash="m2", days={date(2024, 2, 1): 3})
    load_log.add_load(again, "a.csv")
    assert load_log.loads() == [again]


def test_another_source_may_have_the_same_content(load_log: LoadLog) -> None:
    load_log.add_load(LOAD, "a.csv")
    load_log.add_load(replace(LOAD, load_id="l2", source="other"), "a.csv")
    assert len(load_log.loads()) == 2
    assert [load.load_id for load in load_log.loads(["other"])] == ["l2"]


@pytest.mark.parametrize(
    ("until", "sources", "latest"),
    [
        (date(2024, 1, 2), ["orders"], date(2024, 1, 1)),
        (date(2030, 1, 1), ["orders"], date(2024, 1, 3)),
        (date(2023, 1, 1), ["orders"], None),
        (date(2030, 1, 1), ["other"], None),
    ],
)
def test_the_latest_day(
    load_log: LoadLog, until: date, sources: list[str], latest: date | None
) -> None:
    load_log.add_load(LOAD, "a.csv")
    assert load_log.latest_day(sources, until) == latest


def test_a_hash_is_known_while_size_and_time_are_the_same(load_log: LoadLog) -> None:
    load_log.remember_hash(Path("a"), 5, 7, "h")
    assert load_log.known_hash(Path("a"), 5, 7) == "h"
    assert load_log.known_hash(Path("a"), 6, 7) is None
    assert load_log.known_hash(Path("a"), 5, 8) is None


def test_a_run_that_never_ended_was_interrupted(load_log: LoadLog) -> None:
    load_log.start_run("one")
    load_log.start_run("two")
    load_log.update_run("two", as_of_date=date(2024, 1, 1), new_loads=3)
    load_log.finish_run("two", "failed", "why")
    newest, first = load_log.runs()
    assert first.status == "interrupted"
    assert (newest.status, newest.message, newest.new_loads) == ("failed", "why", 3)
    assert newest.as_of_date == date(2024, 1, 1)
    assert len(load_log.runs(1)) == 1
