"""Conditions of rules, as operators read them."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.report.explain.conditions import (
    condition_text,
    counted,
    rules_text,
    thresholds_text,
)
from pipeline.report.explain.labels import called, named
from pipeline.rules.behavior import BehaviorSegmentRow
from pipeline.rules.groups import CrowdRow


def crowd(attribute: str, operator: str, *values: str, **cells: Any) -> CrowdRow:
    names = dict(zip(("value", "value_to"), values, strict=False))
    row = {"priority": 1, "crowd": "c", "rule_id": "r", **names, **cells}
    return CrowdRow.model_validate(
        {"attribute": attribute, "operator": operator, **row}
    )


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (("gender", "in", "女|F"), "gender in 女|F"),
        (("age", "between", "18", "35"), "age between 18 and 35"),
        (("count:refer", ">=", "50"), "count:refer >= 50"),
        (("role", "is_null"), "role is null"),
        (("role", "is_not_null"), "role is not null"),
    ],
)
def test_one_condition(condition: tuple[str, ...], text: str) -> None:
    assert condition_text(crowd(*condition)) == text


def test_rules_are_alternatives_in_the_order_of_their_priority() -> None:
    rows = [
        crowd("role", "=", "a", rule_id="late", priority=2),
        crowd("age", ">", "1", rule_id="first"),
        crowd("gender", "=", "F", rule_id="late", priority=2),
    ]
    assert rules_text(rows) == "age > 1; or role = a, gender = F"
    assert rules_text([]) == ""


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ({"min_orders": 1}, "1 order or more"),
        ({"max_orders": 2}, "2 orders at most"),
        ({"max_orders": 0}, "no order"),
        ({"min_orders": 2, "max_orders": 2}, "2 orders"),
        ({"min_orders": 1, "max_orders": 3}, "1 to 3 orders"),
        (
            {"recent_days": 60, "min_recent_orders": 2, "max_recent_orders": 3},
            "2 to 3 orders in the last 60 days",
        ),
        ({"recent_days": 1, "max_recent_orders": 0}, "no order in the last 1 day"),
        ({"min_days_since_order": 60}, "60 days or more since the last order"),
        (
            {"consecutive_windows": 3, "window_days": 30},
            "an order in each of the last 3 windows of 30 days",
        ),
        ({"min_silent_days": 60}, "no order or interaction for 60 days"),
        ({"no_activity_days": 60}, "no activity joined for 60 days"),
        (
            {"is_member": True, "min_message_clicks": 1},
            "member, 1 click or more on messages",
        ),
        ({"is_member": False}, "no member"),
    ],
)
def test_thresholds(cells: dict[str, Any], text: str) -> None:
    row = BehaviorSegmentRow.model_validate({"priority": 1, "segment": "s", **cells})
    assert thresholds_text(row) == text


def test_every_threshold_is_said() -> None:
    """A column that was added to the rule file, and that the page says nothing of."""
    unsaid = {"priority", "segment", "label_en", "label_zh"}
    together = {
        "recent_days": {"min_recent_orders": 1},
        "min_recent_orders": {"recent_days": 9},
        "max_recent_orders": {"recent_days": 9},
        "consecutive_windows": {"window_days": 9},
        "window_days": {"consecutive_windows": 2},
    }
    for name in set(BehaviorSegmentRow.model_fields) - unsaid:
        cells = {"priority": 1, "segment": "s", name: 1, **together.get(name, {})}
        assert thresholds_text(BehaviorSegmentRow.model_validate(cells)), name


def test_labels() -> None:
    assert named("kol", "KOL", "意见领袖") == "KOL 意见领袖 (kol)"
    assert named("kol", "KOL", "KOL") == "KOL (kol)"
    assert named("kol", None, None) == "kol"
    assert named("kol", "kol", None) == "kol"
    assert called(None, None) == ""


def test_a_number_and_its_noun() -> None:
    assert [counted(n, "day") for n in (0, 1, 2000)] == [
        "0 days",
        "1 day",
        "2,000 days",
    ]
