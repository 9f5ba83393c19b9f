"""Turning a check's template into SQL for DuckDB and Great Expectations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pipeline.quality.model import WORST_OFFENDERS, Check, CheckContext, Suite

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_TEXT_TYPES = ("VARCHAR", "JSON", "ENUM")


def values(
    suite: Suite, context: CheckContext, types: Mapping[str, str]
) -> dict[str, str]:
    """The value of each ``${...}`` in the checks of ``suite``.

    ``types`` are the table's column types, which identify its text columns.
    """
    text = [
        f'"{column}"'
        for column, sql_type in types.items()
        if sql_type.upper().startswith(_TEXT_TYPES) and column not in suite.identifiers
    ]
    return context.values() | {"key": suite.key, "text_columns": ", ".join(text)}


def fill(template: str, filled: Mapping[str, str]) -> str:
    """Fill in a template; ``KeyError`` names a placeholder without a value."""
    return _PLACEHOLDER.sub(lambda match: filled[match.group(1)], template)


def offenders(suite: Suite, check: Check, filled: Mapping[str, str]) -> str:
    """The complete query for the rows that break ``check``."""
    return _on(fill(suite.rows, filled), fill(check.offenders, filled))


def worst(query: str) -> str:
    """The first offenders in a fixed order, so that a rerun shows the same ones."""
    return f"select * from ({query}) as offenders order by all limit {WORST_OFFENDERS}"


def for_expectation(check: Check, filled: Mapping[str, str]) -> str:
    """The offenders' query in the form that Great Expectations needs.

    There ``{batch}`` stands for the rows, so other braces are doubled. A colon before a
    word is escaped, since it would be a bind parameter.
    """
    query = fill(check.offenders, filled).replace("{", "{{").replace("}", "}}")
    query = re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", query)
    return _on("select * from {batch}", query)


def _on(rows: str, query: str) -> str:
    return f"with checked as not materialized ({rows}) {query}"


def plural(count: int, noun: str = "row") -> str:
    """Return ``1 row`` or ``1,234 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def columns_of(described: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """Column name to type from the rows of a ``describe``."""
    return {str(r["column_name"]): str(r["column_type"]) for r in described}
