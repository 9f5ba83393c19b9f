"""The ledger: a load is there wholly or not at all."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.ledger import Ledger, Load

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
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


def test_a_load_comes_back_as_it_was(ledger: Ledger) -> None:
    ledger.add_load(LOAD, "a.csv")
    assert ledger.loads() == [LOAD]
    assert ledger.names() == {("orders", "c"): ["a.csv"]}


def test_rows_must_add_up(ledger: Ledger) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        ledger.add_load(replace(LOAD, rows_filtered=0), "a.csv")
    assert ledger.loads() == []


def test_a_failure_half_way_leaves_the_old_load(ledger: Ledger) -> None:
    ledger.add_load(LOAD, "a.csv")
    with pytest.raises(sqlite3.IntegrityError):
        ledger.add_load(replace(LOAD, load_id="l2", rows_read=0), "b.csv")
    assert ledger.loads() == [LOAD]
    assert ledger.names() == {("orders", "c"): ["a.csv"]}


def test_the_same_content_anew_replaces_the_load_and_its_days(ledger: Ledger) -> None:
    ledger.add_load(LOAD, "a.csv")
    again = replace(LOAD, load_id="l2", mapping_hash="m2", days={date(2024, 2, 1): 3})
    ledger.add_load(again, "a.csv")
    assert ledger.loads() == [again]


def test_another_source_may_have_the_same_content(ledger: Ledger) -> None:
    ledger.add_load(LOAD, "a.csv")
    ledger.add_load(replace(LOAD, load_id="l2", source="other"), "a.csv")
    assert len(ledger.loads()) == 2
    assert [load.load_id for load in ledger.loads(["other"])] == ["l2"]


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
    ledger: Ledger, until: date, sources: list[str], latest: date | None
) -> None:
    ledger.add_load(LOAD, "a.csv")
    assert ledger.latest_day(sources, until) == latest


def test_a_hash_is_known_while_size_and_time_are_the_same(ledger: Ledger) -> None:
    ledger.remember_hash(Path("a"), 5, 7, "h")
    assert ledger.known_hash(Path("a"), 5, 7) == "h"
    assert ledger.known_hash(Path("a"), 6, 7) is None
    assert ledger.known_hash(Path("a"), 5, 8) is None


def test_a_run_that_never_ended_was_interrupted(ledger: Ledger) -> None:
    ledger.start_run("one")
    ledger.start_run("two")
    ledger.update_run("two", as_of_date=date(2024, 1, 1), new_loads=3)
    ledger.finish_run("two", "failed", "why")
    newest, first = ledger.runs()
    assert first.status == "interrupted"
    assert (newest.status, newest.message, newest.new_loads) == ("failed", "why", 3)
    assert newest.as_of_date == date(2024, 1, 1)
    assert len(ledger.runs(1)) == 1
