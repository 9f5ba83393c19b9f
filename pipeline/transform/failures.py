"""Messages about failed models and tests, with the rows that broke them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from pipeline.transform.dbt import NodeResult

_SHOWN_ROWS = 5


def failure_message(results: Iterable[NodeResult], database: Path) -> str:
    """Name each failed model and test, its table, and the first rows that broke it."""
    return "\n".join(
        _describe(result, database) for result in results if result.has_failed
    )


def _describe(result: NodeResult, database: Path) -> str:
    if result.status == "error":
        return f"dbt {result.kind} {result.name}: {result.message}"
    table = f" on {result.table}" if result.table else ""
    head = f"dbt test {result.name}{table}: {result.failures} rows break it"
    return "\n".join([head, *(f"  {row}" for row in _offenders(result, database))])


def _offenders(result: NodeResult, database: Path) -> list[str]:
    """The first rows that break a test; empty if its query cannot be run again."""
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            query = f"select * from ({result.query}) limit {_SHOWN_ROWS}"
            found = connection.execute(query)
            names = [column[0] for column in found.description or []]
            return [
                ", ".join(f"{n}={v}" for n, v in zip(names, row, strict=True))
                for row in found.fetchall()
            ]
    except duckdb.Error:
        return []
