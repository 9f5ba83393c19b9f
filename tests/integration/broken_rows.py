"""Rows that break a check, in the form that the lists of `*_checks.py` have."""

from __future__ import annotations

from collections.abc import Iterable

# Table, check, what breaks it (`set …` updates the table), the rows it must name.
Broken = tuple[str, str, str, list[dict[str, object]]]


def missing_columns(columns: Iterable[tuple[str, str]]) -> list[Broken]:
    """Drop a column of a table, for each pair of them: its suite must miss it."""
    return [
        (
            table,
            "columns_present",
            f"alter table {table} drop {column}",
            [{"missing_column": column}],
        )
        for table, column in columns
    ]
