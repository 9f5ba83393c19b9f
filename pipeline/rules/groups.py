"""The rule files that put customers into groups: crowds, scenes and identity tiers.

A row is a condition on one attribute. The rows of one rule_id must all hold; several
rules of one group are alternatives.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import isfinite
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from pipeline.rules.attributes import ATTRIBUTES, LABELS, is_number, problem_of
from pipeline.rules.rows import Label, Name, Rows, RuleRow

Operator = Literal[
    "=", "!=", "<", "<=", ">", ">=", "in", "between", "is_null", "is_not_null"
]
_WITHOUT_VALUE = ("is_null", "is_not_null")


class ConditionRow(RuleRow):
    """A condition on one attribute; subclasses add the group."""

    known: ClassVar[dict[str, str]] = ATTRIBUTES

    priority: int
    rule_id: Name
    attribute: str = Field(min_length=1)
    operator: Operator
    value: str | None = None
    value_to: str | None = None
    label_en: Label = None
    label_zh: Label = None

    @field_validator("attribute")
    @classmethod
    def _is_known(cls, attribute: str) -> str:
        problem = problem_of(attribute, cls.known)
        if problem:
            raise ValueError(problem)
        return attribute

    @model_validator(mode="after")
    def _values_fit_operator(self) -> ConditionRow:
        if (self.value is None) != (self.operator in _WITHOUT_VALUE):
            wants = "no value" if self.value else "a value"
            raise ValueError(f"operator {self.operator} takes {wants}")
        if (self.value_to is None) != (self.operator != "between"):
            wants = "no value_to" if self.value_to else "a value_to"
            raise ValueError(f"operator {self.operator} takes {wants}")
        if is_number(self.attribute):
            self._check_numbers()
        if self.operator == "between" and _is_above(self.value, self.value_to):
            raise ValueError(f"value {self.value} is above value_to {self.value_to}")
        return self

    def _check_numbers(self) -> None:
        if self.operator == "in":
            raise ValueError(f"operator in is for text; {self.attribute} is a number")
        for value in (self.value, self.value_to):
            if value is not None and _number(value) is None:
                raise ValueError(f"{self.attribute} is a number, but '{value}' is not")


class CrowdRow(ConditionRow):
    """A condition of a rule for a crowd."""

    crowd: Name


class SceneRow(ConditionRow):
    """A condition of a rule for a scene, which may name a crowd."""

    known: ClassVar[dict[str, str]] = {**ATTRIBUTES, **LABELS}

    scene: Name


class TierRow(ConditionRow):
    """A condition of a rule for an identity tier."""

    tier: Name


class PointsRow(RuleRow):
    """How many contribution points one behaviour is worth."""

    behavior: Name
    points: int = Field(ge=0)
    label_en: Label = None
    label_zh: Label = None


def check_rules(group: str) -> Callable[[Rows[Any]], list[str]]:
    """Return the check of a file whose groups are in this column."""

    def check(rows: Rows[Any]) -> list[str]:
        return [
            f"rows {a} and {b}: rule {one.rule_id} has two values of {column}, "
            f"{getattr(one, column)} and {getattr(two, column)}"
            for (a, one), (b, two) in combinations(rows, 2)
            for column in (group, "priority")
            if one.rule_id == two.rule_id
            and getattr(one, column) != getattr(two, column)
        ]

    return check


def check_tiers(rows: Rows[TierRow]) -> list[str]:
    """The rows of a rule have one tier, and tiers do not share a priority."""
    return check_rules("tier")(rows) + [
        f"rows {a} and {b}: {one.tier} and {two.tier} both have priority "
        f"{one.priority}; give one of them a lower priority"
        for (a, one), (b, two) in combinations(rows, 2)
        if one.priority == two.priority and one.tier != two.tier
    ]


def check_points(rows: Rows[PointsRow]) -> list[str]:
    """Each behaviour is given once."""
    return [
        f"rows {a} and {b}: {one.behavior} is given twice"
        for (a, one), (b, two) in combinations(rows, 2)
        if one.behavior == two.behavior
    ]


def _is_above(low: str | None, high: str | None) -> bool:
    numbers = _number(low), _number(high)
    if numbers[0] is not None and numbers[1] is not None:
        return numbers[0] > numbers[1]
    return str(low) > str(high)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if isfinite(number) else None
