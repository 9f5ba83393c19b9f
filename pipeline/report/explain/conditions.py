"""The conditions of rules in words."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from pipeline.rules.behavior import BehaviorSegmentRow
from pipeline.rules.groups import ConditionRow


def counted(number: int, noun: str) -> str:
    """A number with its noun, such as 1 order and 2 orders."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def condition_text(row: ConditionRow) -> str:
    """One condition, as in `age between 18 and 35`."""
    parts = [row.attribute, row.operator.replace("_", " "), row.value]
    text = " ".join(part for part in parts if part is not None)
    return f"{text} and {row.value_to}" if row.value_to is not None else text


def rules_text(rows: Iterable[ConditionRow]) -> str:
    """Conditions of rules: those of one rule must all hold; rules are alternatives."""
    by_rule = sorted(rows, key=lambda row: (row.priority, row.rule_id))
    return "; or ".join(
        ", ".join(condition_text(row) for row in group)
        for _, group in groupby(by_rule, key=lambda row: row.rule_id)
    )


def thresholds_text(row: BehaviorSegmentRow) -> str:
    """All conditions of a behaviour segment, on one line."""
    return ", ".join(_thresholds(row))


def _thresholds(row: BehaviorSegmentRow) -> Iterable[str]:
    if row.is_member is not None:
        yield "member" if row.is_member else "no member"
    if row.min_orders is not None or row.max_orders is not None:
        yield _range(row.min_orders, row.max_orders)
    if row.recent_days is not None:
        orders = _range(row.min_recent_orders, row.max_recent_orders)
        yield f"{orders} in the last {counted(row.recent_days, 'day')}"
    if row.min_days_since_order is not None:
        yield f"{counted(row.min_days_since_order, 'day')} or more since the last order"
    if row.consecutive_windows is not None and row.window_days is not None:
        yield (
            f"an order in each of the last {row.consecutive_windows} windows of "
            f"{counted(row.window_days, 'day')}"
        )
    if row.min_silent_days is not None:
        yield f"no order or interaction for {counted(row.min_silent_days, 'day')}"
    if row.no_activity_days is not None:
        yield f"no activity joined for {counted(row.no_activity_days, 'day')}"
    if row.min_message_clicks is not None:
        clicks = counted(row.min_message_clicks, "click")
        yield f"{clicks} or more on messages"


def _range(low: int | None, high: int | None) -> str:
    if high == 0:
        return "no order"
    if low == high and low is not None:
        return counted(low, "order")
    if low is None and high is not None:
        return f"{counted(high, 'order')} at most"
    if high is None and low is not None:
        return f"{counted(low, 'order')} or more"
    return f"{low} to {high} orders"
