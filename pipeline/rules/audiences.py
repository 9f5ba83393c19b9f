"""The rule files of audiences: the list of them, and the rules for members."""

from __future__ import annotations

from itertools import combinations
from typing import ClassVar

from pipeline.rules.attributes import ATTRIBUTES, LABELS
from pipeline.rules.groups import ConditionRow
from pipeline.rules.rows import Label, Name, Rows, RuleRow


class AudienceRow(RuleRow):
    """An audience, with its play and the channel on which it is contacted."""

    audience: Name
    play: Name | None = None
    channel: Name
    enabled: bool
    label_en: Label = None
    label_zh: Label = None


class AudienceRuleRow(ConditionRow):
    """A condition of a rule for an audience. The labels are those of the rule."""

    known: ClassVar[dict[str, str]] = {**ATTRIBUTES, **LABELS}

    audience: Name


def check_audiences(rows: Rows[AudienceRow]) -> list[str]:
    """An audience is listed once."""
    return [
        f"rows {a} and {b}: audience {one.audience} is given twice; keep one"
        for (a, one), (b, two) in combinations(rows, 2)
        if one.audience == two.audience
    ]
