"""The rule files of contact: channels, caps on contacts, and quiet days."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from pipeline.rules.rows import Label, Name, Rows, RuleRow, check_priorities

LONGEST_WINDOW_DAYS = 366

# The name of a channel as sources write it, in any script.
Channel = Annotated[str, Field(min_length=1, max_length=200)]


def _is_day(text: object) -> object:
    if isinstance(text, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError("is not a day written YYYY-MM-DD")
    return text


Day = Annotated[date, BeforeValidator(_is_day)]


class ChannelRow(RuleRow):
    """A channel: what it needs, and which channel it counts as."""

    channel: Channel
    counts_as: Channel | None = None
    consent_channel: Channel | None = None
    needs_consent: Literal["true", "false"]
    reached_by: Literal["wecom_bound", "phone", "email", "none"]
    complaint_days: int | None = Field(default=None, ge=1, le=LONGEST_WINDOW_DAYS)
    label_en: Label = None
    label_zh: Label = None

    @model_validator(mode="after")
    def _is_no_scope(self) -> ChannelRow:
        if "global" in (self.channel, self.counts_as, self.consent_channel):
            raise ValueError(
                "'global' is reserved: caps use it for all channels together"
            )
        return self


class PolicyRow(RuleRow):
    """A frequency cap: a limit on contacts in a window of days or a calendar unit."""

    scope: Channel
    window_days: int | None = Field(default=None, ge=1, le=LONGEST_WINDOW_DAYS)
    calendar_unit: Literal["day", "week", "month"] | None = None
    max_contacts: int = Field(ge=1)
    priority: int
    label_en: Label = None
    label_zh: Label = None

    @model_validator(mode="after")
    def _has_one_window(self) -> PolicyRow:
        if self.window_days is not None and self.calendar_unit is not None:
            raise ValueError("give either window_days or calendar_unit, not both")
        if self.window_days is None and self.calendar_unit is None:
            raise ValueError("give either window_days or calendar_unit")
        return self


class QuietRow(RuleRow):
    """Days on which nobody is contacted."""

    date_from: Day
    date_to: Day
    scope: Channel
    reason: Name
    label_en: Label = None
    label_zh: Label = None

    @model_validator(mode="after")
    def _is_in_order(self) -> QuietRow:
        if self.date_from > self.date_to:
            raise ValueError(
                f"date_from {self.date_from} is after date_to {self.date_to}"
            )
        return self


def check_channels(rows: Rows[ChannelRow]) -> list[str]:
    """A channel is given once, and an alias must not point to another alias."""
    problems = []
    first: dict[str, int] = {}
    for number, row in rows:
        if row.channel in first:
            problems.append(
                f"rows {first[row.channel]} and {number}: channel '{row.channel}' is "
                "given twice; keep one"
            )
        first.setdefault(row.channel, number)
    by_name = {row.channel: row for _, row in rows}
    for number, row in rows:
        for column in ("counts_as", "consent_channel"):
            name = getattr(row, column)
            if name is None or name == row.channel:
                continue
            if name not in by_name:
                problems.append(
                    f"row {number}: {column}: channel '{name}' is not in the file"
                )
            elif getattr(by_name[name], column) not in (None, name):
                problems.append(
                    f"row {number}: {column}: an alias must point to a channel that is "
                    f"not an alias itself, but '{name}' has a {column}"
                )
    return problems


def check_policy(rows: Rows[PolicyRow]) -> list[str]:
    """Priorities differ, and a scope has one cap for each window."""
    problems = check_priorities(rows)
    first: dict[tuple[object, ...], int] = {}
    for number, row in rows:
        window = (row.scope, row.window_days, row.calendar_unit)
        if window in first:
            problems.append(
                f"rows {first[window]} and {number}: {row.scope} has two caps for the "
                "same window; keep the lower one"
            )
        first.setdefault(window, number)
    return problems


def check_quiet_days(rows: Rows[QuietRow]) -> list[str]:
    """The same days of a scope are given once."""
    problems = []
    first: dict[tuple[object, ...], int] = {}
    for number, row in rows:
        days = (row.scope, row.date_from, row.date_to)
        if days in first:
            problems.append(
                f"rows {first[days]} and {number}: the same days of {row.scope} are "
                "given twice; keep one"
            )
        first.setdefault(days, number)
    return problems
