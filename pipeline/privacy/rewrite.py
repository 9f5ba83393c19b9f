"""Removing a person from a file that is not rebuilt, such as an export or a ledger.

Rows and records that hold the person are removed; in running text their identifiers are
replaced. A file is written aside and renamed, since a database keeps the bytes of
deleted rows.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb

from pipeline.privacy.file_kinds import (
    FileKind,
    compression,
    kind_of,
    read_text,
    write_text,
)
from pipeline.privacy.manifests import correct_manifests
from pipeline.privacy.person import Person
from pipeline.privacy.search import (
    columns_of,
    lines,
    places_in,
    records,
    sqlite_tables,
    tables_of,
)
from pipeline.storage.atomic_files import replace_file
from pipeline.storage.quoting import quote_name, quote_text, read_parquet
from pipeline.storage.warehouse import Warehouse

_INSTEAD = "[forgotten]"
_Value = str | bytes | int | float | None


def erase_from(warehouse: Warehouse, file: Path, person: Person) -> int:
    """Remove the person from a file; return how many rows or places held them.

    A file without the person, or of an unknown kind, stays unchanged.
    """
    places, kind = places_in(file, person), kind_of(file)
    if not places or kind is FileKind.BYTES:
        return 0
    if kind is FileKind.SQLITE:
        _clean_sqlite(file, person)
        return places
    aside = warehouse.scratch / f"erased-{file.name}"
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600)
    rows = None
    if kind is FileKind.PARQUET:
        rows = _copy_parquet(file, aside, person)
    elif kind is FileKind.DUCKDB:
        _copy_duckdb(file, aside, person)
    else:
        rows = _copy_text(file, aside, kind, person)
    shutil.copymode(file, aside)
    if rows is not None:
        # First, so that after an interruption the manifest does not match.
        correct_manifests(warehouse, file, aside, rows)
    replace_file(aside, file)
    return places


def _copy_parquet(file: Path, aside: Path, person: Person) -> int:
    source = read_parquet(file)
    with duckdb.connect() as connection:
        holds = person.found_in(columns_of(connection, source))
        copied = connection.execute(
            f"copy (select * from {source} where not {holds}) "
            f"to {quote_text(str(aside))} (format parquet, compression zstd)"
        ).fetchone()
    return int(copied[0]) if copied else 0


def _copy_duckdb(file: Path, aside: Path, person: Person) -> None:
    aside.unlink()
    with duckdb.connect() as connection:
        connection.execute(f"attach {quote_text(str(file))} as before (read_only)")
        connection.execute(f"attach {quote_text(str(aside))} as after")
        connection.execute("copy from database before to after (schema)")
        for table in tables_of(connection, "before"):
            holds = person.found_in(columns_of(connection, f"before.{table}"))
            connection.execute(
                f"insert into after.{table} from before.{table} where not {holds}"
            )
        connection.execute("detach after")


def _copy_text(file: Path, aside: Path, kind: FileKind, person: Person) -> int | None:
    """Return the number of records left, if the text has records."""
    text, rows = read_text(file), None
    if kind in (FileKind.RECORDS, FileKind.LINES):
        split = records if kind is FileKind.RECORDS else lines
        kept = [record for record, holds in split(text, person) if not holds]
        header = 1 if kind is FileKind.RECORDS else 0
        text, rows = "".join(kept), len(kept) - header
    elif person.in_text:
        text = person.in_text.sub(_INSTEAD, text)
    write_text(aside, text, compression(file))
    return rows


def _clean_sqlite(file: Path, person: Person) -> None:
    """Delete the person's rows, and redact mentions in other rows."""

    def is_one(column: str, value: _Value) -> bool:
        return isinstance(value, str) and person.is_exactly(column, value)

    def cleaned(value: _Value) -> _Value:
        if not isinstance(value, str) or person.in_text is None:
            return value
        return person.in_text.sub(_INSTEAD, value)

    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.create_function("is_one", 2, is_one)
        connection.create_function("cleaned", 1, cleaned)
        connection.execute("pragma secure_delete = on")
        connection.execute("begin immediate")
        for name, columns in sqlite_tables(connection):
            table, quoted = quote_name(name), [quote_name(c) for c in columns]
            theirs = " or ".join(
                f"is_one({quote_text(c)}, {quote_name(c)})" for c in columns
            )
            connection.execute(f"delete from {table} where {theirs}")
            spoken = " or ".join(f"cleaned({c}) is not {c}" for c in quoted)
            changes = ", ".join(f"{c} = cleaned({c})" for c in quoted)
            connection.execute(f"update {table} set {changes} where {spoken}")
        connection.execute("commit")
        connection.execute("vacuum")
