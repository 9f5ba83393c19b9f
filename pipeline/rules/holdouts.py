"""The rule file of holdouts: who is left out, to measure the effect of contact."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipeline.rules.rows import Label, Name, Rows, RuleRow


class HoldoutRow(RuleRow):
    """A share of the customers to leave out of everything, a journey or an audience."""

    holdout: Name
    scope: Literal["global", "journey", "audience"]
    scope_name: Name | None = None
    share: float = Field(ge=0, lt=1)
    salt: Annotated[str, Field(min_length=1, max_length=200)]
    label_en: Label = None
    label_zh: Label = None

    @model_validator(mode="after")
    def _names_its_scope(self) -> HoldoutRow:
        if self.scope == "global" and self.scope_name is not None:
            raise ValueError("scope_name must be empty for scope global")
        if self.scope != "global" and self.scope_name is None:
            raise ValueError(f"scope_name must name the {self.scope}")
        return self


def check_holdouts(rows: Rows[HoldoutRow]) -> list[str]:
    """Names of holdouts are unique, and a scope has one holdout."""
    problems = []
    first: dict[str, int] = {}
    for number, row in rows:
        scope = " ".join(filter(None, [row.scope, row.scope_name]))
        for what in (
            f"holdout '{row.holdout}' is given twice",
            f"there are two holdouts of {scope}",
        ):
            if what in first:
                problems.append(f"rows {first[what]} and {number}: {what}; keep one")
            first.setdefault(what, number)
    return problems
