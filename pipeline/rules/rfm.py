"""The rule files of RFM: how metrics are scored, and names for the scores."""

from __future__ import annotations

from itertools import combinations, product
from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipeline.rules.rows import Label, Name, Rows, RuleRow

METRICS = ("recency", "frequency", "monetary")
CLASSES = tuple("".join(bits) for bits in product("HL", repeat=3))

Score = Annotated[int, Field(ge=1, le=5)]


class ScoringRow(RuleRow):
    """How one metric becomes a score of 1 to 5. Only `fixed` has cut points."""

    metric: Literal["recency", "frequency", "monetary"]
    method: Literal["quantile", "fixed", "rank"]
    cut_1: float | None = None
    cut_2: float | None = None
    cut_3: float | None = None
    cut_4: float | None = None
    label_en: Label = None
    label_zh: Label = None

    @model_validator(mode="after")
    def _cuts_fit_method(self) -> ScoringRow:
        cuts = [self.cut_1, self.cut_2, self.cut_3, self.cut_4]
        given = [cut for cut in cuts if cut is not None]
        if self.method != "fixed":
            if given:
                raise ValueError(
                    f"method {self.method} computes its cut points: leave cut_1 to "
                    "cut_4 empty"
                )
        elif len(given) < len(cuts):
            raise ValueError("method fixed needs cut_1, cut_2, cut_3 and cut_4")
        elif given != sorted(given):
            raise ValueError("cut_1 to cut_4 must not decrease")
        return self


class SegmentRow(RuleRow):
    """A named segment and the scores that it covers; an empty bound is no condition."""

    priority: int
    segment: Name
    r_min: Score | None = None
    r_max: Score | None = None
    f_min: Score | None = None
    f_max: Score | None = None
    m_min: Score | None = None
    m_max: Score | None = None
    value_tier: Literal["high", "medium", "low"]
    label_en: Label = None
    label_zh: Label = None

    @model_validator(mode="after")
    def _bounds_in_order(self) -> SegmentRow:
        if self.segment == "none":
            raise ValueError("'none' means to be in no segment; give another name")
        for metric, (low, high) in self.bounds().items():
            if low > high:
                raise ValueError(f"{metric}_min {low} is above {metric}_max {high}")
        return self

    def bounds(self) -> dict[str, tuple[int, int]]:
        """Lowest and highest score of each metric."""
        return {
            "r": (self.r_min or 1, self.r_max or 5),
            "f": (self.f_min or 1, self.f_max or 5),
            "m": (self.m_min or 1, self.m_max or 5),
        }

    def overlaps(self, other: SegmentRow) -> bool:
        """Whether some combination of scores matches both rows."""
        mine, theirs = self.bounds(), other.bounds()
        return all(
            mine[m][0] <= theirs[m][1] and theirs[m][0] <= mine[m][1] for m in mine
        )


class ClassRow(RuleRow):
    """The name of one of the eight classes, such as HHL."""

    rfm_class: str = Field(pattern="^[HL]{3}$")
    name: str = Field(min_length=1)
    label_en: Label = None
    label_zh: Label = None


def check_scoring(rows: Rows[ScoringRow]) -> list[str]:
    """Each metric has exactly one row."""
    return _exactly_once([row.metric for _, row in rows], METRICS, "metric")


def check_segments(rows: Rows[SegmentRow]) -> list[str]:
    """Rows of one priority must not compete for the same scores."""
    return [
        f"rows {a} and {b}: {one.segment} and {two.segment} overlap and both have "
        f"priority {one.priority}; give one of them a lower priority"
        for (a, one), (b, two) in combinations(rows, 2)
        if one.priority == two.priority and one.overlaps(two)
    ]


def check_classes(rows: Rows[ClassRow]) -> list[str]:
    """Each of the eight classes is named exactly once."""
    return _exactly_once([row.rfm_class for _, row in rows], CLASSES, "rfm_class")


def _exactly_once(found: list[str], expected: tuple[str, ...], what: str) -> list[str]:
    problems = [f"{what} {e} is missing" for e in expected if e not in found]
    twice = sorted({value for value in found if found.count(value) > 1})
    return problems + [f"{what} {value} is given twice" for value in twice]
