"""The published version as exports read it: its marts, and its identifiers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipeline.activation import identifiers
from pipeline.config.settings import Settings
from pipeline.errors import SiyuError
from pipeline.storage.quoting import quote_text
from pipeline.storage.warehouse import IDENTIFIERS, Warehouse


@dataclass(frozen=True)
class PublishedMarts:
    """The version to export: its marts are attached, its identifiers are in a file."""

    connection: duckdb.DuckDBPyConnection
    identifiers: Path
    country: str

    def has(self, mart: str) -> bool:
        """Whether the version has this mart."""
        return bool(self.columns(mart))

    def columns(self, mart: str) -> list[str]:
        """The columns of a mart; empty if there is no such mart."""
        rows = self.connection.execute(
            "select column_name from duckdb_columns() where database_name = 'siyu' "
            "and schema_name = 'marts' and table_name = ?",
            [mart],
        ).fetchall()
        return [name for (name,) in rows]


@contextmanager
def open_published(
    settings: Settings, warehouse: Warehouse
) -> Iterator[tuple[PublishedMarts, date]]:
    """Open the published version; it stays the same one while it is open."""
    if not warehouse.database.exists():
        raise SiyuError("nothing has been published yet; run the pipeline first")
    database = warehouse.database.resolve()
    with duckdb.connect() as connection:
        connection.execute(f"set temp_directory = {quote_text(str(warehouse.scratch))}")
        connection.execute(f"set memory_limit = {quote_text(settings.memory_limit)}")
        connection.execute(f"attach {quote_text(str(database))} as siyu (read_only)")
        identifiers.prepare(connection)
        row = connection.execute(
            "select max(as_of_date) from siyu.marts.published"
        ).fetchone()
        assert row is not None
        beside = database.parent / IDENTIFIERS
        yield PublishedMarts(connection, beside, settings.shop.country), row[0]
