"""The rule file of behaviour segments."""

from __future__ import annotations

from itertools import combinations
from typing import Annotated

from pydantic import Field, model_validator

from pipeline.rules.rows import Label, Name, Rows, RuleRow

# The most windows that a rule may ask for.
MOST_WINDOWS = 12

Number = Annotated[int, Field(ge=0)]
Days = Annotated[int, Field(ge=1, le=36_500)]


class BehaviorSegmentRow(RuleRow):
    """A behaviour segment, and its thresholds; an empty cell is no condition.

    ``min_orders``, ``max_orders``: valid orders so far. ``min_recent_orders`` and
    ``max_recent_orders``: those of the last ``recent_days``. ``consecutive_windows``:
    a valid order in each of this many windows of ``window_days``; the last one ends on
    the day. ``min_silent_days``: neither order nor interaction in these days.
    ``no_activity_days``: no activity joined in these days.
    """

    priority: int
    segment: Name
    is_member: bool | None = None
    min_orders: Number | None = None
    max_orders: Number | None = None
    recent_days: Days | None = None
    min_recent_orders: Number | None = None
    max_recent_orders: Number | None = None
    min_days_since_order: Number | None = None
    consecutive_windows: Annotated[int, Field(ge=1, le=MOST_WINDOWS)] | None = None
    window_days: Days | None = None
    min_silent_days: Number | None = None
    no_activity_days: Days | None = None
    min_message_clicks: Number | None = None
    label_en: Label = None
    label_zh: Label = None

    @model_validator(mode="after")
    def _makes_sense(self) -> BehaviorSegmentRow:
        if self.segment == "none":
            raise ValueError("'none' means to be in no segment; give another name")
        recent = (self.min_recent_orders, self.max_recent_orders)
        if (self.recent_days is None) != (recent == (None, None)):
            raise ValueError(
                "recent_days and min_recent_orders or max_recent_orders must be set "
                "together"
            )
        if (self.consecutive_windows is None) != (self.window_days is None):
            raise ValueError("consecutive_windows and window_days must be set together")
        for name in ("orders", "recent_orders"):
            low, high = getattr(self, f"min_{name}"), getattr(self, f"max_{name}")
            if low is not None and high is not None and low > high:
                raise ValueError(f"min_{name} {low} is above max_{name} {high}")
        if not self._thresholds():
            raise ValueError(
                f"{self.segment} has no condition, so it would hold every customer"
            )
        return self

    def _thresholds(self) -> dict[str, object]:
        labels = {"priority", "segment", "label_en", "label_zh"}
        return self.model_dump(exclude=labels, exclude_none=True)


def check_behavior_segments(rows: Rows[BehaviorSegmentRow]) -> list[str]:
    """Each segment has one row, and each priority is given once."""
    return [
        f"rows {a} and {b}: {column} {getattr(one, column)} is given twice"
        for (a, one), (b, two) in combinations(rows, 2)
        for column in ("priority", "segment")
        if getattr(one, column) == getattr(two, column)
    ]
