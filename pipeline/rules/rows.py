"""The base of all rule files: strict rows with cells that may be empty."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated, Any, TypeVar

from pydantic import Field

from pipeline.config.strict import Strict


class RuleRow(Strict):
    """A row of a rule file. An empty cell is None, an unknown column an error."""


Row = TypeVar("Row", bound=RuleRow)
# The 1-based number of each row, not counting the header, and the row.
Rows = list[tuple[int, Row]]

Label = Annotated[str | None, Field(max_length=200)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def check_priorities(rows: Sequence[tuple[int, Any]]) -> list[str]:
    """Each priority is given once, so that the order of rows is well defined."""
    return [
        f"rows {a} and {b}: priority {one.priority} is given twice; give one of them "
        "another"
        for (a, one), (b, two) in combinations(rows, 2)
        if one.priority == two.priority
    ]
