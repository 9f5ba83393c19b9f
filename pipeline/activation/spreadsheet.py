"""Csv files for spreadsheets: with a byte-order mark, and without formulas."""

from __future__ import annotations

import codecs
from pathlib import Path


def spreadsheet_safe(column: str) -> str:
    """SQL that keeps a text from being run as a formula by a spreadsheet."""
    return (
        f"case when regexp_matches({column}, '^[=+\\-@\\t\\r]') "
        f"then '''' || {column} else {column} end"
    )


def put_mark(file: Path) -> None:
    """Put a byte-order mark in front of a file: without it Excel garbles Chinese."""
    plain = file.with_name(f".{file.name}.plain")
    file.rename(plain)
    with plain.open("rb") as source, file.open("wb") as target:
        target.write(codecs.BOM_UTF8)
        while block := source.read(1 << 20):
            target.write(block)
    plain.unlink()
