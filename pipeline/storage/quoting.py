"""SQL for names, texts and files: the one place where they are quoted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def quote_name(name: str) -> str:
    """Return ``name`` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Return ``text`` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def no_rows(columns: Mapping[str, str]) -> str:
    """Return a query without rows that has these columns (name to SQL type)."""
    nulls = ", ".join(f"null::{kind} as {name}" for name, kind in columns.items())
    return f"select {nulls} where false"


def read_parquet(file: Path) -> str:
    """Return SQL for the rows of a Parquet file, or of all files matching a pattern."""
    return f"read_parquet({quote_text(str(file))})"
