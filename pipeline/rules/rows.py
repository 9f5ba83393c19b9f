"""What all rule files share: rows that are strict, and cells that may be empty."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field


class RuleRow(BaseModel):
    """A row of a rule file. An empty cell is None, an unknown column an error."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
        allow_inf_nan=False,
    )


Row = TypeVar("Row", bound=RuleRow)
# The 1-based number of each row, the header not counted, and the row.
Rows = list[tuple[int, Row]]

Label = Annotated[str | None, Field(max_length=200)]
