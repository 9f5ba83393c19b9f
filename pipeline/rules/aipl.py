"""The rule files of AIPL: the conditions of stages, and the plays."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipeline.rules.rows import Label, Name, Rows, RuleRow

_LONGEST_WINDOW_DAYS = 36_500

Count = Annotated[int, Field(ge=1)]
IdleDays = Annotated[int, Field(ge=0)]


class AiplRow(RuleRow):
    """A condition of a rule: how much of one behaviour within a trailing window."""

    rule_id: Name
    stage: Literal["A", "I", "P", "L"]
    behavior: Name
    min_count: Count | None = None
    min_days: Count | None = None
    min_amount: Decimal | None = Field(default=None, decimal_places=2)
    window_days: int = Field(ge=1, le=_LONGEST_WINDOW_DAYS)
    label_en: Label = None
    label_zh: Label = None

    @model_validator(mode="after")
    def _days_fit_window(self) -> AiplRow:
        if self.min_days is not None and self.min_days > self.window_days:
            raise ValueError(
                f"min_days {self.min_days} can never be reached in window_days "
                f"{self.window_days}"
            )
        return self


class PlayRow(RuleRow):
    """A play, and which customers it is for: by stage or segment, and by idle days."""

    priority: int
    stage: Literal["A", "I", "P", "L", "none"] | None = None
    segment: Name | None = None
    min_idle_days: IdleDays | None = None
    max_idle_days: IdleDays | None = None
    play: Name
    persona: str | None = None
    objective: str | None = None
    offer_key: str | None = None
    label_en: Label = None
    label_zh: Label = None

    @model_validator(mode="after")
    def _about_somebody(self) -> PlayRow:
        if (self.stage is None) == (self.segment is None):
            raise ValueError("give either a stage or a segment")
        low, high = self.min_idle_days, self.max_idle_days
        if low is not None and high is not None and low > high:
            raise ValueError(f"min_idle_days {low} is above max_idle_days {high}")
        return self


def check_aipl(rows: Rows[AiplRow]) -> list[str]:
    """A rule belongs to one stage, and none of its conditions is given twice."""
    problems = []
    for (a, one), (b, two) in combinations(rows, 2):
        if one.rule_id != two.rule_id:
            continue
        if one.stage != two.stage:
            problems.append(
                f"rows {a} and {b}: rule {one.rule_id} belongs to stage {one.stage} "
                f"and to stage {two.stage}; give one of them another rule_id"
            )
        elif _condition(one) == _condition(two):
            problems.append(
                f"rows {a} and {b}: rule {one.rule_id} has the same condition twice"
            )
    return problems


def _condition(row: AiplRow) -> tuple[object, ...]:
    return (
        row.behavior,
        row.window_days,
        row.min_count or 1,
        row.min_days or 1,
        row.min_amount,
    )
