"""The rule files of journeys: their steps, and the calendar of Moments posts."""

from __future__ import annotations

from itertools import combinations
from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator, model_validator

from pipeline.config.project import MOMENTS_STEP_PREFIX
from pipeline.rules.rows import Label, Name, Rows, RuleRow

_FURTHEST_DAYS = 730
_LAST_WEEK = 104

Key = Annotated[str | None, Field(max_length=200)]
Anchor = Literal[
    "joined", "wecom_added", "ordered", "sample_ordered", "full_size_ordered"
]
Exit = Literal[
    "first_order", "new_order", "full_size_order", "complaint", "unsubscribe"
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EXITS: tuple[str, ...] = get_args(Exit)
ORDER_ANCHORS = ("ordered", "sample_ordered", "full_size_ordered")


class StepRow(RuleRow):
    """A step of a journey: when it is due, what is sent, and what makes it obsolete."""

    journey: Name
    step: Name
    anchor: Anchor
    offset_days: int = Field(ge=-_FURTHEST_DAYS, le=_FURTHEST_DAYS)
    offset_mode: Literal["fixed", "replenishment"]
    grace_days: int = Field(ge=0, le=_FURTHEST_DAYS)
    channel: Name
    content_key: Key = None
    offer_key: Key = None
    exit_when: str | None = None
    priority: int | None = None
    label_en: Label = None
    label_zh: Label = None

    @field_validator("step")
    @classmethod
    def _is_no_post(cls, step: str) -> str:
        # These names are generated for posts, from week and weekday.
        if step.startswith(MOMENTS_STEP_PREFIX):
            raise ValueError(
                f"names that begin with {MOMENTS_STEP_PREFIX} are reserved for "
                "Moments posts; give another name"
            )
        return step

    @field_validator("exit_when")
    @classmethod
    def _lists_exits(cls, exit_when: str | None) -> str | None:
        exits = (exit_when or "").split("|") if exit_when is not None else []
        for name in exits:
            if name not in EXITS:
                raise ValueError(
                    f"unknown exit '{name}'; choose among {', '.join(EXITS)}, "
                    "separated by | without spaces"
                )
            if exits.count(name) > 1:
                raise ValueError(f"{name} is given twice")
        return exit_when

    @model_validator(mode="after")
    def _clock_can_run(self) -> StepRow:
        if self.offset_mode == "fixed" and self.offset_days < 0:
            raise ValueError(
                f"offset_days {self.offset_days} is before the anchor; only an offset "
                "from a run-out (offset_mode replenishment) may be below zero"
            )
        starts_with_order = self.anchor in ORDER_ANCHORS
        if self.offset_mode == "replenishment" and not starts_with_order:
            raise ValueError(
                f"offset_mode replenishment needs an order; anchor {self.anchor} is "
                "not an order"
            )
        if starts_with_order and "first_order" in (self.exit_when or "").split("|"):
            raise ValueError(
                f"exit_when first_order ends the journey at once: anchor {self.anchor} "
                "is an order"
            )
        return self


class PostRow(RuleRow):
    """A post in Moments, on one weekday of one week of a journey."""

    journey: Name
    week: int = Field(ge=1, le=_LAST_WEEK)
    weekday: Weekday
    content_key: str = Field(min_length=1, max_length=200)
    label_en: Label = None
    label_zh: Label = None


def check_steps(rows: Rows[StepRow]) -> list[str]:
    """Names of steps are unique over all journeys, and a journey has one anchor."""
    problems = []
    for (a, one), (b, two) in combinations(rows, 2):
        if one.step == two.step:
            problems.append(
                f"rows {a} and {b}: step {one.step} is given twice; it identifies what "
                "has been sent, so give one of them another name"
            )
        if one.journey == two.journey and one.anchor != two.anchor:
            problems.append(
                f"rows {a} and {b}: journey {one.journey} starts with {one.anchor} and "
                f"with {two.anchor}; split it into two journeys"
            )
    return problems


def check_posts(rows: Rows[PostRow]) -> list[str]:
    """A week and weekday identify a post, so each is given once."""
    return [
        f"rows {a} and {b}: {one.weekday} of week {one.week} is given twice "
        f"({one.journey}, {two.journey}); it identifies what has been posted"
        for (a, one), (b, two) in combinations(rows, 2)
        if (one.week, one.weekday) == (two.week, two.weekday)
    ]
