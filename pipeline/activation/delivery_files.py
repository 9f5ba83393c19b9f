"""The files of one delivery: csv, jsonl or Parquet, split, and the manifest, last.

Csv files are safe to open in a spreadsheet: an apostrophe precedes text that would run
as a formula (it starts with =, +, -, @, tab or carriage return), and the file begins
with a byte-order mark unless the destination says otherwise. Hashes and normalised
phone numbers are not formulas and stay unchanged. So does every text in jsonl and
Parquet.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.activation.spreadsheet import put_mark, spreadsheet_safe
from pipeline.config.destination import Destination
from pipeline.storage.checksum import sha256_of
from pipeline.storage.delivery_log import MANIFEST
from pipeline.storage.quoting import quote_name, quote_text

_LONGEST_NAME = 120  # bytes; file systems take 255
_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class WrittenFile:
    """One file: its name, what it holds, rows without the header, SHA-256."""

    file: str
    list: str | None
    change: str | None
    rows: int
    bytes: int
    sha256: str


Group = tuple[str | None, str | None]


def write_files(
    connection: duckdb.DuckDBPyConnection,
    destination: Destination,
    output: str,
    as_of: str,
    folder: Path,
    wanted: Iterable[Group] = (),
) -> list[WrittenFile]:
    """Write the rows of ``output`` (SQL, see `changes.output_query`) into ``folder``.

    There is a file for each value of what the file name depends on, and an empty one
    for each of ``wanted`` without a row.
    """
    keys = [
        f"_{name}" if name in destination.grouped_by else "null::varchar"
        for name in ("list", "change")
    ]
    rows_of_a_file = destination.max_rows or "null"
    connection.execute(
        "create or replace temp table output as with keyed as "
        f"(select *, {keys[0]} as _list_key, {keys[1]} as _change_key from ({output})) "
        "select *, coalesce((row_number() over (partition by _list_key, _change_key "
        f"order by _order) - 1) // {rows_of_a_file}, 0) as _part from keyed"
    )
    found = connection.execute(
        "select _list_key, _change_key, max(_part) + 1 from output group by all"
    ).fetchall()
    parts: dict[Group, int] = dict.fromkeys(wanted, 1)
    parts |= {(key, change): count for key, change, count in found}
    ordered = sorted(parts, key=lambda group: tuple(text or "" for text in group))
    names = file_names(destination, ordered, as_of)
    return [
        _write(connection, destination, folder, group, part, parts[group], names[group])
        for group in ordered
        for part in range(parts[group])
    ]


def write_manifest(
    folder: Path, content: dict[str, Any], files: list[WrittenFile]
) -> str:
    """Write ``manifest.json``, and return its text."""
    listed = [file.__dict__ for file in files]
    content = {**content, "rows": sum(file.rows for file in files), "files": listed}
    text = json.dumps(content, indent=2, ensure_ascii=False, default=str)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    return text


def file_names(
    destination: Destination, groups: Iterable[Group], as_of: str
) -> dict[Group, str]:
    """A name without extension for each group: safe, and unique even ignoring case."""
    names: dict[Group, str] = {}
    for group in groups:
        text = destination.file.format(
            destination=destination.name,
            list=group[0] or destination.name,
            change=group[1] or "all",
            as_of=as_of,
        )
        names[group] = safe_name(text)
    taken = [name.lower() for name in names.values()]
    return {
        group: name if taken.count(name.lower()) == 1 else _distinct(name, group)
        for group, name in names.items()
    }


def safe_name(text: str) -> str:
    """A file name of letters, digits, `_`, `-` and `.`, shortened if too long."""
    name = _UNSAFE.sub("_", text).lstrip(".")
    short = name.encode()[:_LONGEST_NAME].decode(errors="ignore")
    if short != name:
        short = f"{short}~{_digest(text)}"
    return short or f"~{_digest(text)}"


def _distinct(name: str, group: Group) -> str:
    return f"{name}~{_digest(repr(group))}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]


def _write(
    connection: duckdb.DuckDBPyConnection,
    destination: Destination,
    folder: Path,
    group: Group,
    part: int,
    parts: int,
    name: str,
) -> WrittenFile:
    suffix = f".{part + 1:03}" if parts > 1 else ""
    file = folder / f"{name}{suffix}.{destination.format}"
    copied = connection.execute(
        f"copy ({_selection(connection, destination, group, part)}) "
        f"to {quote_text(str(file))} ({_OPTIONS[destination.format]})"
    ).fetchone()
    if destination.format == "csv" and destination.byte_order_mark:
        put_mark(file)
    file.chmod(0o600 if destination.is_private else 0o644)
    return WrittenFile(
        file=file.name,
        list=group[0],
        change=group[1],
        rows=copied[0] if copied else 0,
        bytes=file.stat().st_size,
        sha256=sha256_of(file),
    )


_OPTIONS = {
    "csv": "format csv, header true",
    "jsonl": "format json",
    "parquet": "format parquet, compression zstd",
}


def _selection(
    connection: duckdb.DuckDBPyConnection,
    destination: Destination,
    group: Group,
    part: int,
) -> str:
    types = dict(
        connection.execute(
            "select name, type from pragma_table_info('output')"
        ).fetchall()
    )
    columns = []
    for name, reference in destination.columns.items():
        column = quote_name(name)
        escapes = (
            destination.format == "csv"
            and types[name] == "VARCHAR"
            and not _is_harmless(destination, reference)
        )
        columns.append(f"{spreadsheet_safe(column)} as {column}" if escapes else column)
    list_key, change_key = (
        "null" if value is None else quote_text(value) for value in group
    )
    return (
        f"select {', '.join(columns)} from output "
        f"where _list_key is not distinct from {list_key} "
        f"and _change_key is not distinct from {change_key} and _part = {part} "
        "order by _order"
    )


def _is_harmless(destination: Destination, reference: str) -> bool:
    """Whether a column holds only hashes or normalised phone numbers."""
    mart, _, kind = reference.partition(".")
    return mart == "identifier" and (
        kind == "phone" or destination.identifier(kind).hash
    )
