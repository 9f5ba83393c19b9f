"""Stages of AIPL by brute force, straight from their definition.

Every day is looked at on its own, with all that happened in the window that ends on it.
Nothing is shared with the models, and nothing is clever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

STAGES = ("A", "I", "P", "L")
NO_STAGE = "none"
# What the models say where no fact of the day explains a change: a negative amount came
# into a window or left it.
BY_AMOUNT = "the amount in the window changed"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Fact:
    """One behaviour of a customer."""

    day: date
    behavior: str
    fact_id: str
    amount: Decimal = Decimal(0)


@dataclass(frozen=True)
class Condition:
    """A row of the rule file."""

    behavior: str
    window_days: int
    min_count: int | None = None
    min_days: int | None = None
    min_amount: Decimal | None = None


@dataclass(frozen=True)
class Rule:
    """A rule of a stage: all its conditions must hold."""

    rule_id: str
    stage: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Stay:
    """A longest run of days in one stage; ``valid_to`` is the first day after."""

    stage: str
    valid_from: date
    valid_to: date


Facts = Sequence[Fact]
Rules = Sequence[Rule]


def condition_holds(condition: Condition, facts: Facts, day: date) -> bool:
    """Whether enough happened in the trailing window that ends on the day."""
    before = day - timedelta(days=condition.window_days)
    inside = [
        fact
        for fact in facts
        if fact.behavior == condition.behavior and before < fact.day <= day
    ]
    least_amount = condition.min_amount
    return (
        len(inside) >= (condition.min_count or 1)
        and len({fact.day for fact in inside}) >= (condition.min_days or 1)
        and (
            least_amount is None or sum(fact.amount for fact in inside) >= least_amount
        )
    )


def rule_holds(rule: Rule, facts: Facts, day: date) -> bool:
    """Whether all conditions of the rule hold on the day."""
    return all(condition_holds(each, facts, day) for each in rule.conditions)


def stage_on(rules: Rules, facts: Facts, day: date) -> str:
    """Return the highest stage that a rule gives on the day."""
    for stage in reversed(STAGES):
        if any(rule_holds(rule, facts, day) for rule in rules if rule.stage == stage):
            return stage
    return NO_STAGE


def stays(rules: Rules, facts: Facts) -> list[Stay]:
    """Return the stays of a customer whose facts are all known ones."""
    if not facts:
        return []
    longest = max(each.window_days for rule in rules for each in rule.conditions)
    day = min(fact.day for fact in facts)
    last = max(fact.day for fact in facts) + timedelta(days=longest)
    found: list[Stay] = []
    previous = NO_STAGE
    while day <= last:
        stage = stage_on(rules, facts, day)
        if stage == previous != NO_STAGE:
            found[-1] = Stay(stage, found[-1].valid_from, day + _DAY)
        elif stage != NO_STAGE:
            found.append(Stay(stage, day, day + _DAY))
        previous = stage
        day += _DAY
    return found


def stage_of_stays(found: Sequence[Stay], day: date) -> str:
    """Return the stage on the day."""
    for stay in found:
        if stay.valid_from <= day < stay.valid_to:
            return stay.stage
    return NO_STAGE


def begin_causes(rules: Rules, facts: Facts, stage: str, day: date) -> set[str]:
    """Return what may be given as cause where a stage begins from a lower one or none.

    A rule of the stage that holds on the day and did not on the day before, with a fact
    of that day, of a condition of which the same is true.
    """
    causes = {
        f"{rule.rule_id}: {_name(fact)}"
        for rule in rules
        if rule.stage == stage
        and rule_holds(rule, facts, day)
        and not rule_holds(rule, facts, day - _DAY)
        for condition in rule.conditions
        if condition_holds(condition, facts, day)
        and not condition_holds(condition, facts, day - _DAY)
        for fact in facts
        if fact.behavior == condition.behavior and fact.day == day
    }
    return causes or {BY_AMOUNT}


def lapse_causes(rules: Rules, facts: Facts, stage: str, day: date) -> set[str]:
    """Return what may be given as cause where a stage is left for a lower one or none.

    A rule of the stage that held on the day before and does not on the day, with a fact
    that is from that day on out of the window of a condition of which the same is true.
    """
    causes = {
        f"{rule.rule_id} lapsed: {_name(fact)} is {condition.window_days} days ago"
        for rule in rules
        if rule.stage == stage
        and rule_holds(rule, facts, day - _DAY)
        and not rule_holds(rule, facts, day)
        for condition in rule.conditions
        if condition_holds(condition, facts, day - _DAY)
        and not condition_holds(condition, facts, day)
        for fact in facts
        if fact.behavior == condition.behavior
        and fact.day + timedelta(days=condition.window_days) == day
    }
    return causes or {BY_AMOUNT}


def _name(fact: Fact) -> str:
    if fact.behavior == "valid_order":
        return f"order {fact.fact_id}"
    return f"{fact.behavior} on {fact.day}"
