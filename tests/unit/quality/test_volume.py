"""Loads judged by their source's history."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from pipeline.config.contract import ENTITIES
from pipeline.quality.model import CheckResult
from pipeline.quality.volume import VOLUME_CHECKS, LoadFact, check_loads

FIRST = datetime(2024, 3, 1)


def daily(
    day: int, rows: int = 1000, *, quarantined: int = 0, source: str = "till"
) -> LoadFact:
    """The file of one day, loaded early on the next."""
    start = FIRST + timedelta(days=day)
    return LoadFact(
        source=source,
        entity="orders",
        load_id=f"{source}-{day}",
        rows_read=rows + quarantined,
        rows_accepted=rows,
        rows_quarantined=quarantined,
        first_fact=start + timedelta(hours=1),
        last_fact=start + timedelta(hours=15),
        loaded_at=start + timedelta(days=1, hours=2),
    )


def judge(
    loads: list[LoadFact], *new: str, as_of: date = date(2024, 3, 8)
) -> dict[str, CheckResult]:
    """The results for orders by the check's name."""
    results = check_loads(loads, new_loads=new, as_of=as_of, timezone_name="UTC")
    return {r.name: r for r in results if r.table == "landing.orders"}


WEEK = [daily(day) for day in range(7)]


def test_every_entity_has_every_check() -> None:
    """Also with nothing loaded there is a result for each declared check."""
    results = check_loads([], new_loads=[], as_of=FIRST.date(), timezone_name="UTC")

    assert [(r.table, r.name) for r in results] == [
        (f"landing.{entity}", check.name)
        for entity in ENTITIES
        for check in VOLUME_CHECKS
    ]
    assert all(r.passed and r.actual == "Nothing has been loaded." for r in results)


@pytest.mark.parametrize(
    ("rows", "passed"),
    [(0, False), (300, False), (340, True), (1000, True), (2900, True), (3100, False)],
)
def test_volume_of_a_day(rows: int, passed: bool) -> None:
    """A third to three times the usual rows a day is usual, nothing else is."""
    result = judge([*WEEK, daily(7, rows)], "till-7")["volume"]

    assert result.passed is passed
    assert result.severity == "warn"
    if not passed:
        assert result.worst_offenders == [
            {
                "source": "till",
                "load_id": "till-7",
                "rows": rows,
                "rows_a_day": float(rows),
                "usual_rows_a_day": 1000.0,
            }
        ]


def test_volume_is_per_day_of_facts() -> None:
    """A long file is compared by its rows a day, not by its rows."""
    month = replace(
        daily(7, 30_000), last_fact=FIRST + timedelta(days=36), load_id="month"
    )

    assert judge([*WEEK, month], "month")["volume"].passed


def test_volume_allows_for_small_numbers_and_for_usual_spread() -> None:
    """Three rows instead of ten are noise; so is what a varying source always does."""
    small = [daily(day, 10) for day in range(7)]
    varying = [daily(day, rows) for day, rows in enumerate((100, 900, 2000) * 3)]

    assert judge([*small, daily(7, 1)], "till-7")["volume"].passed
    assert judge([*varying, daily(9, 5000)], "till-9")["volume"].passed


def test_one_odd_earlier_load_changes_nothing() -> None:
    """The median ignores the first load of ten years' rows that gave no day."""
    odd = replace(daily(0, 5_000_000), load_id="all", first_fact=None, last_fact=None)

    assert judge([odd, *WEEK, daily(7)], "till-7")["volume"].passed
    assert not judge([odd, *WEEK, daily(7, 100)], "till-7")["volume"].passed


def test_too_little_history_passes_and_says_so() -> None:
    """Four earlier loads are not enough for any judgement."""
    loads = [daily(day) for day in range(4)]

    results = judge([*loads, daily(7, 1, quarantined=999)], "till-7")

    assert all(result.passed for result in results.values())
    for name in ("volume", "quarantine_share"):
        expected = "till: not enough history (4 of 5 earlier loads)."
        assert results[name].actual == expected
    assert "not enough history" in results["freshness"].actual


def test_the_order_of_loads_does_not_matter() -> None:
    """The ledger may be read in any order."""
    loads = [*WEEK, daily(7, 5), daily(8, 7)]

    assert judge(loads, "till-7", "till-8") == judge(loads[::-1], "till-8", "till-7")


@pytest.mark.parametrize(("quarantined", "passed"), [(0, True), (9, True), (40, False)])
def test_quarantine_share_of_a_clean_source(quarantined: int, passed: bool) -> None:
    """Up to one per cent is never remarkable, four are where there were none."""
    load = daily(7, 1000 - quarantined, quarantined=quarantined)

    result = judge([*WEEK, load], "till-7")["quarantine_share"]

    assert result.passed is passed
    if not passed:
        assert result.worst_offenders[0]["rows_quarantined"] == quarantined
        assert result.actual == (
            "till: 4.00% of 1,000 rows rejected; usual 0.00%, accepted up to 1.00% "
            "(7 earlier loads)."
        )


def test_quarantine_share_of_a_dirty_source() -> None:
    """What a source always loses is usual for it."""
    week = [daily(day, 960, quarantined=40) for day in range(7)]

    for quarantined, passed in ((50, True), (400, False)):
        load = daily(7, 1000 - quarantined, quarantined=quarantined)
        assert judge([*week, load], "till-7")["quarantine_share"].passed is passed


def test_freshness_follows_the_usual_gap() -> None:
    """A daily source may lag two days, a weekly one two weeks."""
    weekly = [daily(7 * week) for week in range(7)]
    last = (FIRST + timedelta(days=42)).date()

    assert judge(WEEK, as_of=date(2024, 3, 9))["freshness"].passed
    late = judge(WEEK, as_of=date(2024, 3, 10))["freshness"]
    assert late.worst_offenders == [
        {
            "source": "till",
            "last_fact_date": date(2024, 3, 7),
            "days_ago": 3,
            "usual_gap_days": 1,
        }
    ]
    assert judge(weekly, as_of=last + timedelta(days=14))["freshness"].passed
    assert not judge(weekly, as_of=last + timedelta(days=15))["freshness"].passed


def test_freshness_looks_at_each_source() -> None:
    """A source that stopped is named although another one goes on."""
    web = [daily(day, source="web") for day in range(6)]
    till = [daily(day) for day in range(30)]

    result = judge([*web, *till], as_of=date(2024, 3, 30))["freshness"]

    assert [row["source"] for row in result.worst_offenders] == ["web"]


def test_freshness_on_an_earlier_date() -> None:
    """A rebuilt past day is judged by the facts up to it."""
    extract = replace(daily(0), last_fact=FIRST + timedelta(days=40), load_id="all")

    result = judge([*WEEK, extract], as_of=date(2024, 3, 20))["freshness"]

    assert result.passed
    assert result.actual.startswith("till: last fact on 2024-03-20, 0 days before")


def test_future_facts() -> None:
    """Facts later than their day of loading warn while new or not yet due."""
    ahead = replace(daily(3), last_fact=FIRST + timedelta(days=9), load_id="ahead")

    def find(*new: str, as_of: date = date(2024, 3, 9)) -> CheckResult:
        return judge([*WEEK, ahead], *new, as_of=as_of)["future_facts"]

    assert [row["load_id"] for row in find().worst_offenders] == ["ahead"]
    assert not find("ahead", as_of=date(2024, 3, 31)).passed
    assert find(as_of=date(2024, 3, 31)).passed
    assert judge(WEEK)["future_facts"].actual == "till: none."


def test_days_are_those_of_the_timezone() -> None:
    """17:00 UTC is already the next day in Shanghai: on that day nothing is ahead."""
    late = replace(
        daily(0),
        last_fact=datetime(2024, 3, 1, 17),
        loaded_at=datetime(2024, 3, 1, 15),
    )

    for timezone_name, passed in (("UTC", True), ("Asia/Shanghai", False)):
        results = check_loads(
            [late],
            new_loads=["till-0"],
            as_of=date(2024, 3, 1),
            timezone_name=timezone_name,
        )
        [future] = [
            r
            for r in results
            if (r.table, r.name) == ("landing.orders", "future_facts")
        ]
        assert future.passed is passed
