"""Lifecycle rules: slips of the pen are refused, the shipped file is the contract's."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.project import SEEDS_DIR
from pipeline.errors import SiyuError
from pipeline.rules.rule_files import read_rules

COLUMNS = (
    "priority",
    "state",
    "min_orders",
    "max_orders",
    "min_days_since_last",
    "max_days_since_last",
    "min_days_since_first",
    "max_days_since_first",
    "min_previous_gap_days",
    "min_gap_ratio",
    "max_gap_ratio",
    "min_avg_amount",
    "max_avg_amount",
)


def written(folder: Path, *rows: dict[str, str]) -> Path:
    """A rule file of these rows; a cell that is not given is empty."""
    defaults = {"priority": "1", "state": "s"}
    lines = [[(defaults | row).get(name, "") for name in COLUMNS] for row in rows]
    text = "\n".join(",".join(line) for line in [list(COLUMNS), *lines])
    path = folder / "lifecycle_rules.csv"
    path.write_text(text + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"state": "At risk"}, "row 1: state: 'At risk': "),
        ({"state": ""}, "row 1: state: is missing"),
        ({"state": "none"}, "row 1: 'none' means to be in no state"),
        ({"priority": ""}, "row 1: priority: is missing"),
        ({"priority": "1.5"}, "row 1: priority: '1.5': "),
        ({"priority": "2147483648"}, "row 1: priority: '2147483648': "),
        ({"min_orders": "-1"}, "row 1: min_orders: '-1': "),
        ({"max_orders": "1.5"}, "row 1: max_orders: '1.5': "),
        ({"min_days_since_last": "-1"}, "row 1: min_days_since_last: '-1': "),
        ({"max_days_since_last": "36501"}, "row 1: max_days_since_last: '36501': "),
        ({"min_days_since_first": "x"}, "row 1: min_days_since_first: 'x': "),
        ({"max_days_since_first": "1e3"}, "row 1: max_days_since_first: '1e3': "),
        ({"min_previous_gap_days": "-1"}, "row 1: min_previous_gap_days: '-1': "),
        ({"min_gap_ratio": "-0.5"}, "row 1: min_gap_ratio: '-0.5': "),
        ({"max_gap_ratio": "1001"}, "row 1: max_gap_ratio: '1001': "),
        ({"max_gap_ratio": "1.125"}, "row 1: max_gap_ratio: '1.125': "),
        ({"max_gap_ratio": "nan"}, "row 1: max_gap_ratio: 'nan': "),
        ({"min_avg_amount": "-1"}, "row 1: min_avg_amount: '-1': "),
        ({"max_avg_amount": "9.999"}, "row 1: max_avg_amount: '9.999': "),
        (
            {"min_orders": "3", "max_orders": "2"},
            "row 1: min_orders 3 is above max_orders 2",
        ),
        (
            {"min_days_since_last": "9", "max_days_since_last": "8"},
            "row 1: min_days_since_last 9 is above max_days_since_last 8",
        ),
        (
            {"min_days_since_first": "9", "max_days_since_first": "8"},
            "row 1: min_days_since_first 9 is above max_days_since_first 8",
        ),
        (
            {"min_gap_ratio": "1.5", "max_gap_ratio": "1.25"},
            "row 1: min_gap_ratio 1.5 is above max_gap_ratio 1.25",
        ),
        (
            {"min_avg_amount": "100", "max_avg_amount": "99.99"},
            "row 1: min_avg_amount 100 is above max_avg_amount 99.99",
        ),
        (
            {"max_orders": "0", "max_days_since_last": "0"},
            "row 1: can never hold: max_days_since_last needs an order",
        ),
        (
            {"max_orders": "0", "min_avg_amount": "0"},
            "row 1: can never hold: min_avg_amount needs an order",
        ),
        (
            {"max_orders": "1", "min_previous_gap_days": "0"},
            "row 1: can never hold: min_previous_gap_days needs two",
        ),
        (
            {"min_days_since_last": "31", "max_days_since_first": "30"},
            "row 1: can never hold: min_days_since_last 31 is above max_days_since_f",
        ),
    ],
)
def test_a_broken_row_says_what_is_wrong(
    row: dict[str, str], says: str, tmp_path: Path
) -> None:
    with pytest.raises(SiyuError) as failure:
        read_rules("lifecycle_rules", written(tmp_path, row))
    assert says in str(failure.value)


def test_a_priority_is_given_once(tmp_path: Path) -> None:
    path = written(tmp_path, {"state": "a"}, {"priority": "2"}, {"state": "b"})
    with pytest.raises(SiyuError, match="rows 1 and 3: priority 1 is given twice"):
        read_rules("lifecycle_rules", path)


def test_an_unknown_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lifecycle_rules.csv"
    path.write_text("priority,state,max_days_since_lst\n1,active,60\n")
    with pytest.raises(SiyuError, match="Did you mean 'max_days_since_last'"):
        read_rules("lifecycle_rules", path)


@pytest.mark.parametrize(
    "row",
    [
        {"min_orders": "0", "max_orders": "0"},
        {"min_orders": "1", "max_orders": "1", "max_days_since_first": "0"},
        {"min_days_since_last": "30", "max_days_since_first": "30"},
        {"min_gap_ratio": "0", "max_gap_ratio": "1000"},
        {"min_avg_amount": "99.99", "max_avg_amount": "99.99"},
        {"max_orders": "2", "min_previous_gap_days": "36500"},
    ],
)
def test_bounds_may_touch(row: dict[str, str], tmp_path: Path) -> None:
    assert read_rules("lifecycle_rules", written(tmp_path, row))


def test_several_rows_may_give_one_state(tmp_path: Path) -> None:
    path = written(tmp_path, {"max_orders": "0"}, {"priority": "2", "min_orders": "9"})
    assert len(read_rules("lifecycle_rules", path)) == 2


def test_the_shipped_states_are_those_of_the_contract() -> None:
    rows = read_rules("lifecycle_rules", SEEDS_DIR / "lifecycle_rules.csv")
    given = [
        {
            name: value
            for name, value in row
            if value is not None and name not in ("priority", "label_en", "label_zh")
        }
        for _, row in sorted(rows, key=lambda each: each[1].priority)  # type: ignore[attr-defined]
    ]
    assert given == [
        {"state": "prospect", "max_orders": 0},
        {"state": "new", "min_orders": 1, "max_orders": 1, "max_days_since_first": 30},
        {
            "state": "reactivated",
            "max_days_since_last": 30,
            "min_previous_gap_days": 180,
        },
        {"state": "active", "max_days_since_last": 60},
        {"state": "at_risk", "max_days_since_last": 120},
        {"state": "dormant", "max_days_since_last": 365},
        {"state": "churned", "min_orders": 1},
    ]
