"""The tables of a version: in its database, and as Parquet files.

A version begins as a copy of the previous one. The rows of a table form parts: one for
each month if its yml says ``publish_by_month``, otherwise a single one. Unchanged parts
keep their files, as links; for a changed month, only rows that differ are written to
the database. Sums of row hashes show what has changed: the manifest of a version keeps
them, so that only the build is read.
"""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml

from pipeline.config.project import BY_MONTH, PROJECT_DIR
from pipeline.storage.quoting import quote_name, quote_text

# Readable by the DuckDB versions that BI tools ship.
STORAGE_VERSION = "v1.2.0"
SCHEMA = "marts"
# DuckDB writes a table with one core for the most part.
_AT_ONCE = 2
# The implementation in C, if available, takes a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# The part for all rows of a small table, and for rows without a day of a large one.
_ALL, _NO_MONTH = "all", "open"


@dataclass(frozen=True)
class Content:
    """The content of a table: its row count, its columns, and a hash of each part."""

    rows: int
    columns: str
    parts: dict[str, str]


@dataclass(frozen=True)
class Before:
    """The version to start from: its folder, and the content of its tables."""

    folder: Path
    contents: dict[str, Content]


def write_tables(
    connection: duckdb.DuckDBPyConnection, folder: Path, before: Before | None
) -> dict[str, Content]:
    """Write the marts of the attached ``build`` as database ``siyu`` and as Parquet.

    Returns the content of each table.
    """
    database = folder / "siyu.duckdb"
    if before:
        # A copy, not a link, since it will be changed.
        shutil.copyfile(before.folder / database.name, database)
    connection.execute(
        f"attach {quote_text(str(database))} as siyu "
        f"(storage_version '{STORAGE_VERSION}'); "
        f"create schema if not exists siyu.{SCHEMA}"
    )
    monthly = _monthly()
    tables = [
        _Table(connection, folder / SCHEMA, name, monthly.get(name), before)
        for name in _names(connection, "build")
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(_Table.compare, tables))
        kept = {table.name for table in tables if not table.is_new}
        for name in set(_names(connection, "siyu")) - kept:
            connection.execute(f"drop table siyu.{SCHEMA}.{quote_name(name)}")
        # The space of dropped tables is reused for the new ones.
        connection.execute("checkpoint siyu")
        list(pool.map(_Table.write, tables))
    return {table.name: table.content for table in tables}


def write_parquet(
    connection: duckdb.DuckDBPyConnection, query: str, target: Path, options: str = ""
) -> None:
    """Write the rows of a query."""
    connection.execute(
        f"copy ({query}) to {quote_text(str(target))} "
        f"(format parquet, compression zstd{options})"
    )


class _Table:
    """A table that is being published."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        files: Path,
        name: str,
        day: str | None,
        before: Before | None,
    ) -> None:
        self._connection, self._files, self.name = connection, files, name
        self._build = f"build.{SCHEMA}.{quote_name(name)}"
        self._siyu = f"siyu.{SCHEMA}.{quote_name(name)}"
        self._day, self._part, self._empty = day, f"'{_ALL}'", _ALL
        if day:
            month = f"strftime({quote_name(day)}, '%Y-%m')"
            self._part, self._empty = f"coalesce({month}, '{_NO_MONTH}')", _NO_MONTH
        self._files_before = before.folder / SCHEMA if before else files
        self._earlier = before.contents.get(name) if before else None

    def compare(self) -> None:
        """Read the content of the build's table, and find the changed parts."""
        with self._connection.cursor() as cursor:
            described = cursor.execute(f"describe {self._build}").fetchall()
            self._columns = [quote_name(row[0]) for row in described]
            found = self._parts(cursor, self._build) or {self._empty: (0, "")}
        columns = ", ".join(f"{row[0]} {row[1]}" for row in described)
        parts = {part: digest for part, (_, digest) in found.items()}
        rows = sum(rows for rows, _ in found.values())
        self.content = Content(rows, columns, parts)
        earlier = self._earlier
        if earlier is None or earlier.columns != columns:
            earlier = Content(0, columns, {})
        self._changed = [
            part
            for part in {**earlier.parts, **parts}
            if parts.get(part) != earlier.parts.get(part)
        ]
        changed = sum(found[part][0] for part in self._changed if part in found)
        # Comparing row by row pays only if there are few rows to compare.
        self.is_new = not earlier.parts or (
            bool(self._changed) and (self._day is None or 2 * changed > rows)
        )

    def write(self) -> None:
        """Write the changed parts, and link the others."""
        with self._connection.cursor() as cursor:
            cursor.execute("set TimeZone = 'UTC'")
            if self.is_new:
                cursor.execute(f"create table {self._siyu} as from {self._build}")
            elif self._changed:
                self._write_differences(cursor)
            if self._day:
                self._write_months(cursor)
            else:
                self._write_file(cursor)

    def _write_differences(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Delete rows of changed parts that are not in the build; insert new ones."""
        is_changed = self._is_in(self._changed)
        old = f"(select rowid as siyu_row, * from {self._siyu} where {is_changed})"
        new = f"(select * from {self._build} where {is_changed})"
        is_same = " and ".join(
            f"old.{column} is not distinct from new.{column}"
            for column in self._columns
        )
        cursor.execute(
            f"delete from {self._siyu} where rowid in (select old.siyu_row "
            f"from {old} as old anti join {new} as new on {is_same})"
        )
        cursor.execute(
            f"insert into {self._siyu} select new.* "
            f"from {new} as new anti join {old} as old on {is_same}"
        )
        found = self._parts(cursor, self._siyu, is_changed)
        parts = {part: digest for part, (_, digest) in found.items()}
        wanted = self.content.parts
        if any(parts.get(x, "") != wanted.get(x, "") for x in self._changed):
            # Duplicate rows are not told apart; replace the whole table then.
            cursor.execute(
                f"create or replace table {self._siyu} as from {self._build}"
            )

    def _parts(
        self, cursor: duckdb.DuckDBPyConnection, table: str, condition: str = "true"
    ) -> dict[str, tuple[int, str]]:
        """The parts of a table: row count, and a hash that ignores row order."""
        columns = ", ".join(self._columns)
        rows = cursor.execute(
            # Similar rows may have similar hashes; hashing again keeps their sums
            # apart.
            f"select {self._part}, count(*), "
            f"md5(concat(count(*), ' ', sum(hash(hash({columns}))::hugeint))) "
            f"from {table} where {condition} group by all order by all"
        ).fetchall()
        return {part: (number, digest) for part, number, digest in rows}

    def _is_in(self, parts: list[str]) -> str:
        return f"{self._part} in ({', '.join(map(quote_text, parts))})"

    def _write_file(self, cursor: duckdb.DuckDBPyConnection) -> None:
        file = f"{self.name}.parquet"
        if self.is_new:
            write_parquet(cursor, f"from {self._siyu}", self._files / file)
        else:
            _link(self._files_before / file, self._files / file)

    def _write_months(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Write a folder for each month, in the folder of the table."""
        folder = self._files / self.name
        folder.mkdir()
        months = [part for part in self._changed if part in self.content.parts]
        if months and self.content.rows:
            write_parquet(
                cursor,
                f"select *, {self._part} as siyu_month from {self._siyu} "
                f"where {self._is_in(months)}",
                folder,
                ", partition_by (siyu_month)",
            )
        for month in self.content.parts:
            made = folder / f"siyu_month={month}"
            if made.exists():
                made.rename(folder / month)
                continue
            (folder / month).mkdir()
            if month in months:
                # Without any row, a file still shows the columns.
                file = folder / month / "data_0.parquet"
                write_parquet(cursor, f"from {self._siyu}", file)
                continue
            for file in (self._files_before / self.name / month).iterdir():
                _link(file, folder / month / file.name)


def _monthly() -> dict[str, str]:
    """The models that are published by month, with their day columns."""
    texts = [file.read_text("utf-8") for file in PROJECT_DIR.glob("models/*/*.yml")]
    models = [
        model
        for text in texts
        if BY_MONTH in text
        for model in yaml.load(text, _LOADER)["models"]
    ]
    return {model["name"]: model["config"]["meta"][BY_MONTH] for model in models}


def _names(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.tables "
        "where table_catalog = ? and table_schema = ? order by 1",
        [database, SCHEMA],
    ).fetchall()
    return [name for (name,) in rows]


def _link(file: Path, link: Path) -> None:
    """Link a read-only file, or copy it if the disk does not support links."""
    try:
        os.link(file, link)
    except OSError:
        shutil.copyfile(file, link)
