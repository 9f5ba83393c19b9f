"""Whether a file still holds a person, for every kind of file.

A database is searched table by table, a Parquet file column by column, a compressed
file by its content. Files of unknown kinds are searched as bytes. So are all binary
files, because deleted rows may have left bytes in them.
"""

from __future__ import annotations

import csv
import json
import mmap
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.privacy.file_kinds import FileKind, files_below, kind_of, read_text
from pipeline.privacy.person import Person
from pipeline.storage.quoting import quote_name, quote_text, read_parquet

TOMBSTONES = "forgotten"


def find_person(root: Path, person: Person, but: Path | None = None) -> dict[Path, int]:
    """The files below ``root`` that hold the person, with the rows or places.

    A file that cannot be read is included. ``but`` is a file to leave out.
    """
    found: Counter[Path] = Counter()
    tables: dict[tuple[Path, str], list[Path]] = defaultdict(list)
    for file in files_below(root):
        if file == but:
            continue
        found[file] += _places_in_name(file.relative_to(root), person)
        schema = _schema(file)
        if schema:
            # Search files of one shape together, since each query has a fixed cost.
            tables[file.parent, schema].append(file)
        else:
            found[file] += places_in(file, person)
    with duckdb.connect() as connection:
        for files in tables.values():
            found.update(_in_tables(connection, files, person))
    return {file: places for file, places in found.items() if places}


def places_in(file: Path, person: Person) -> int:
    """How many rows (of tables), records or places (of texts) of a file hold them."""
    if not file.stat().st_size:
        return 0
    kind = kind_of(file)
    try:
        if kind is FileKind.PARQUET:
            return _in_parquet(file, person) or _in_bytes(file, person)
        if kind is FileKind.DUCKDB:
            return _in_duckdb(file, person) or _in_bytes(file, person)
        if kind is FileKind.SQLITE:
            return _in_sqlite(file, person) or _in_bytes(file, person)
    except (duckdb.Error, sqlite3.Error):
        # A file that cannot be read may hold the person.
        return 1
    if kind is FileKind.BYTES:
        return _in_bytes(file, person)
    text = read_text(file)
    places = len(person.in_text.findall(text)) if person.in_text else 0
    if not places and kind in (FileKind.RECORDS, FileKind.LINES):
        split = records if kind is FileKind.RECORDS else lines
        places = sum(holds for _, holds in split(text, person))
    return places


def columns_of(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    """The columns of a query's source, name to SQL type."""
    rows = connection.execute(f"describe select * from {source}").fetchall()
    return {row[0]: row[1] for row in rows}


def tables_of(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    """The tables of an attached database, by their quoted names."""
    rows = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = ?",
        [database],
    ).fetchall()
    return [f"{quote_name(schema)}.{quote_name(table)}" for schema, table in rows]


def records(text: str, person: Person) -> Iterator[tuple[str, bool]]:
    """Each record of a csv text with its header, and whether it holds the person."""
    delimiter, header = "", [""]
    for record in _quoted_lines(text):
        if not delimiter:
            delimiter = max(",\t;|", key=record.count)
            header = next(csv.reader([record.lstrip("\ufeff")], delimiter=delimiter))
            yield record, False
            continue
        values = next(csv.reader([record], delimiter=delimiter), [])
        # An apostrophe for spreadsheets may precede a number.
        plain = [value.removeprefix("'") for value in values]
        yield record, person.is_in_record(header, plain)


def lines(text: str, person: Person) -> Iterator[tuple[str, bool]]:
    """Each line of JSON, and whether it holds the person."""
    for line in StringIO(text, newline="\n"):
        try:
            content = json.loads(line)
        except ValueError:
            content = line
        if not isinstance(content, dict):
            content = {"": content}
        yield line, person.is_in_record(content, map(_as_text, content.values()))


def sqlite_tables(
    connection: sqlite3.Connection,
) -> Iterator[tuple[str, list[str]]]:
    """The tables of a SQLite database with their columns, tombstones left out."""
    names = connection.execute("select name from sqlite_master where type = 'table'")
    for (name,) in names.fetchall():
        if name != TOMBSTONES:
            info = connection.execute(f"pragma table_info({quote_name(name)})")
            yield name, [row[1] for row in info]


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _quoted_lines(text: str) -> Iterator[str]:
    """Lines, joined where a quote is open at the end of one."""
    record = ""
    for line in StringIO(text, newline="\n"):
        record += line
        if record.count('"') % 2 == 0:
            yield record
            record = ""
    if record:
        yield record


def _in_parquet(file: Path, person: Person) -> int:
    with duckdb.connect() as connection:
        return _count(connection, read_parquet(file), person)


def _schema(file: Path) -> str:
    """The columns of a Parquet file as text; empty if it is broken or another kind."""
    try:
        return str(pq.read_schema(file).remove_metadata())
    except (pa.ArrowException, OSError):
        return ""


def _in_tables(
    connection: duckdb.DuckDBPyConnection, files: list[Path], person: Person
) -> dict[Path, int]:
    """The rows that hold the person in each of some Parquet files of one shape."""
    names = ", ".join(quote_text(str(file)) for file in files)
    holds = person.found_in(columns_of(connection, f"read_parquet([{names}])"))
    rows = connection.execute(
        f"select _siyu_file, count(*) from read_parquet([{names}], "
        f"filename = '_siyu_file') where {holds} group by _siyu_file"
    ).fetchall()
    found = {Path(name): places for name, places in rows}
    return {file: found.get(file) or _in_bytes(file, person) for file in files}


def _in_duckdb(file: Path, person: Person) -> int:
    with duckdb.connect() as connection:
        connection.execute(f"attach {quote_text(str(file))} as searched (read_only)")
        return sum(
            _count(connection, f"searched.{table}", person)
            for table in tables_of(connection, "searched")
        )


def _count(connection: duckdb.DuckDBPyConnection, source: str, person: Person) -> int:
    holds = person.found_in(columns_of(connection, source))
    query = f"select count(*) from {source} where {holds}"
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _in_sqlite(file: Path, person: Person) -> int:
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        return sum(
            person.is_in_record(columns, map(_as_text, row))
            for table, columns in sqlite_tables(connection)
            for row in connection.execute(f"select * from {quote_name(table)}")
        )


def _in_bytes(file: Path, person: Person) -> int:
    """Places where a distinctive value is a whole word among the bytes."""
    with (
        file.open("rb") as handle,
        mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        words = [word.encode() for word in person.words]
        return sum(
            _is_word(content, at, len(w)) for w in words for at in _at(content, w)
        )


def _at(content: mmap.mmap, word: bytes) -> Iterator[int]:
    at = content.find(word)
    while at >= 0:
        yield at
        at = content.find(word, at + 1)


def _is_word(content: mmap.mmap, at: int, length: int) -> bool:
    before, after = content[at - 1 : at], content[at + length : at + length + 1]
    return not (before.isalnum() or after.isalnum())


def _places_in_name(path: Path, person: Person) -> int:
    return len(person.in_text.findall(path.as_posix())) if person.in_text else 0
