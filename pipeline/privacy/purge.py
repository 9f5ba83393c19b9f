"""Removing forgotten customers from landing and quarantine.

A file is written aside without their rows and renamed into place, after the load log
has recorded how many rows are left. An interruption leaves files that still hold them,
and tombstones that are not marked as applied, so that the next run continues.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb

from pipeline.config.contract import ENTITIES
from pipeline.config.settings import Settings
from pipeline.ingest.late_arriving import person_keys
from pipeline.ingest.load import business_days
from pipeline.storage.atomic_files import replace_file
from pipeline.storage.load_log import Load, LoadLog
from pipeline.storage.quoting import quote_text, read_parquet
from pipeline.storage.tombstones import (
    Tombstones,
    is_persons_row,
    redact_mentions,
    rows_that_name,
)
from pipeline.storage.warehouse import Warehouse

Removed = Counter[str]


def apply_tombstones(
    settings: Settings, warehouse: Warehouse, load_log: LoadLog
) -> Removed:
    """Clean landing and quarantine of everybody who has a tombstone.

    If all tombstones have been applied, this costs nothing. If anything is removed, the
    build made from it is removed too. Returns the rows removed (and mentions emptied)
    by folder.
    """
    tombstones, removed = Tombstones(warehouse), Counter[str]()
    if tombstones.are_applied:
        return removed
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        tombstones.attach(connection)
        for load in load_log.loads():
            removed += _purge(connection, settings, warehouse, load_log, load)
    if removed:
        drop_build(warehouse)
    tombstones.mark_applied()
    return removed


def drop_build(warehouse: Warehouse) -> None:
    """Remove the build database: the next build is made from landing alone."""
    for file in warehouse.root.glob(f"{warehouse.build_database.name}*"):
        if file.is_file():
            file.unlink()


def _purge(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    warehouse: Warehouse,
    load_log: LoadLog,
    load: Load,
) -> Removed:
    """Rewrite the files of one load where they hold forgotten customers."""
    name, entity = f"{load.load_id}.parquet", ENTITIES[load.entity]
    columns, timezone = entity.names, settings.shop.timezone
    landed = warehouse.landing / load.entity / name
    rejected = warehouse.quarantine / load.entity / name
    source = next((s for s in settings.sources if s.name == load.source), None)
    is_theirs = is_persons_row(columns)
    mention = "false"
    if "referred_customer_id" in columns:
        mention = "privacy.is_forgotten('customer', referred_customer_id)"
    accepted = _Rewrite(
        connection,
        landed,
        f"select *, {is_theirs} as is_gone, {mention} as is_mention "
        f"from {read_parquet(landed)}",
        redact_mentions(entity, "select * from {rows} where not is_gone"),
    )
    named = rows_that_name(
        f"(select *, row as _row from {read_parquet(rejected)})", person_keys(source)
    )
    quarantined = _Rewrite(
        connection,
        rejected,
        f"select * exclude (_row, is_named), is_named as is_gone, false as is_mention "
        f"from ({named})",
        "select * from {rows} where not is_gone",
    )
    if not (accepted.is_needed or quarantined.is_needed):
        return Counter()
    days = load.days
    if accepted.is_needed:
        accepted.write_aside(warehouse.scratch)
        days = business_days(connection, entity, accepted.aside, timezone)
    if quarantined.is_needed:
        quarantined.write_aside(warehouse.scratch)
    load_log.recount(load.load_id, accepted.kept, quarantined.kept, days)
    accepted.put_in_place()
    quarantined.put_in_place()
    return Counter(
        {
            f"landing/{load.entity}": accepted.gone,
            f"landing/{load.entity}, as referred": accepted.mentions,
            f"quarantine/{load.entity}": quarantined.gone,
        }
    )


class _Rewrite:
    """A Parquet file, and the rows to keep in it."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, file: Path, rows: str, kept: str
    ) -> None:
        self._connection, self._file, self.aside = connection, file, Path()
        self._kept = f"select * exclude (is_gone, is_mention) from ({kept})".format(
            rows=f"({rows})"
        )
        self.kept = self.gone = self.mentions = 0
        if file.exists():
            counted = connection.execute(
                "select count(*) filter (where not is_gone), "
                "count(*) filter (where is_gone), "
                "count(*) filter (where is_mention and not is_gone) "
                f"from ({rows})"
            ).fetchone()
            assert counted is not None
            self.kept, self.gone, self.mentions = counted

    @property
    def is_needed(self) -> bool:
        return bool(self.gone or self.mentions)

    def write_aside(self, scratch: Path) -> None:
        folder = self._file.parent.parent.name  # landing or quarantine
        self.aside = scratch / f"{folder}-{self._file.name}"
        self._connection.execute(
            f"copy ({self._kept}) to {quote_text(str(self.aside))} "
            "(format parquet, compression zstd, row_group_size 122880)"
        )

    def put_in_place(self) -> None:
        """Replace the file, or remove it if nothing is left."""
        if not self.is_needed:
            return
        if self.kept:
            replace_file(self.aside, self._file)
        else:
            self.aside.unlink()
            self._file.unlink()
