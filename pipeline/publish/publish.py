"""Copying the marts of the build into a new published version, and switching to it.

A version is a folder ``published/<version>`` with ``siyu.duckdb`` and ``marts/``. The
warehouse's ``siyu.duckdb`` and ``marts`` point to the link ``published/current``, so
that one rename switches both. A reader that has the old file open keeps reading it.
Versions share unchanged files, which are never modified in place.
``identifiers.parquet`` beside them is for exports; only its owner may read it.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from pipeline import __version__
from pipeline.publish.tables import (
    SCHEMA,
    Before,
    Content,
    write_parquet,
    write_tables,
)
from pipeline.storage.atomic_files import sync_folder, sync_tree
from pipeline.storage.build_state import BuildState
from pipeline.storage.quoting import quote_name, quote_text
from pipeline.storage.version_manifest import read_manifest, write_manifest
from pipeline.storage.warehouse import IDENTIFIERS, Warehouse

# Direct identifiers of its customers: customer_id, id_type, id_value, id_rank.
_IDENTIFIERS_TABLE = ("intermediate", "int_customer_identifiers")


@dataclass(frozen=True)
class PublishedVersion:
    """A published version: its name, as-of date, and row count of each table."""

    version: str
    as_of_date: date
    row_counts: dict[str, int]


def publish(
    warehouse: Warehouse, state: BuildState, published_at: datetime, inputs: str = ""
) -> PublishedVersion:
    """Publish the built marts: either all of them are switched, or none.

    ``inputs`` names what they were made from (see `inputs.py`).
    """
    version = f"{state.as_of_date}-{published_at:%Y%m%dT%H%M%S}-{state.run_id[:8]}"
    target = warehouse.published / version
    published = write_version(
        warehouse,
        warehouse.build_database,
        target,
        state,
        published_at,
        inputs,
        before=_before(warehouse, state),
        with_identifiers=True,
    )
    before = _current(warehouse)
    _switch(warehouse, version)
    # Readers may still have the previous version open.
    _prune(warehouse, {version, before})
    return published


def write_version(
    warehouse: Warehouse,
    build_database: Path,
    target: Path,
    state: BuildState,
    published_at: datetime,
    inputs: str = "",
    *,
    before: Before | None = None,
    with_identifiers: bool = False,
) -> PublishedVersion:
    """Write the marts of a build into the folder ``target``, which appears complete.

    Unchanged parts are taken from the version ``before``. ``with_identifiers`` adds the
    restricted table that exports read.
    """
    folder = warehouse.scratch / target.name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "marts").mkdir(parents=True)
    contents = _write_marts(build_database, folder, state, published_at, before)
    if with_identifiers:
        _copy_identifiers(build_database, folder / IDENTIFIERS)
    row_counts = {table: held.rows for table, held in contents.items()}
    published = PublishedVersion(target.name, state.as_of_date, row_counts)
    write_manifest(
        folder,
        {
            "version": published.version,
            "as_of_date": published.as_of_date,
            "published_at": published_at.isoformat(),
            "siyu_version": __version__,
            "inputs": inputs,
            "row_counts": published.row_counts,
            "lineage": state.lineage,
            "contents": {table: asdict(held) for table, held in contents.items()},
        },
    )
    _fsync_and_lock_down(folder)
    target.parent.mkdir(exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    folder.replace(target)
    sync_folder(target.parent)
    return published


def _write_marts(
    build_database: Path,
    folder: Path,
    state: BuildState,
    published_at: datetime,
    before: Before | None,
) -> dict[str, Content]:
    """Write the marts and the table ``published``; return what they hold."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        build = quote_text(str(build_database))
        connection.execute(f"attach {build} as build (read_only)")
        contents = write_tables(connection, folder, before)
        _copy_comments(connection)
        _add_published_table(connection, state, published_at, contents)
        query = f"from siyu.{SCHEMA}.published"
        write_parquet(connection, query, folder / SCHEMA / "published.parquet")
        connection.execute("checkpoint siyu")
        connection.execute("detach siyu")
    return contents


def _copy_identifiers(build_database: Path, target: Path) -> None:
    """Copy the direct identifiers, if the build has them, for the owner alone."""
    schema, table = _IDENTIFIERS_TABLE
    with duckdb.connect(str(build_database), read_only=True) as connection:
        is_there = connection.execute(
            "select 1 from information_schema.tables "
            "where table_schema = ? and table_name = ?",
            [schema, table],
        ).fetchone()
        if is_there is None:
            return
        connection.execute(
            f"copy (from {schema}.{table} order by customer_id, id_type, id_rank) "
            f"to {quote_text(str(target))} (format parquet, compression zstd)"
        )


def _copy_comments(connection: duckdb.DuckDBPyConnection) -> None:
    """Copy the descriptions of tables and columns, for BI tools."""
    comments = connection.execute(
        """
        with described as (
            select database_name, schema_name, table_name, null as column_name, comment
            from duckdb_tables()
            union all
            select database_name, schema_name, view_name, null, comment
            from duckdb_views()
            union all
            select database_name, schema_name, table_name, column_name, comment
            from duckdb_columns()
        )
        select table_name, column_name, comment
        from described
        where database_name = 'build' and schema_name = ? and comment is not null
        """,
        [SCHEMA],
    ).fetchall()
    statements = []
    for table, column, comment in comments:
        name = f"siyu.{SCHEMA}.{quote_name(table)}"
        what = f"column {name}.{quote_name(column)}" if column else f"table {name}"
        statements.append(f"comment on {what} is {quote_text(comment)};")
    connection.execute("\n".join(["begin;", *statements, "commit;"]))


def _add_published_table(
    connection: duckdb.DuckDBPyConnection,
    state: BuildState,
    published_at: datetime,
    contents: dict[str, Content],
) -> None:
    connection.execute(
        f"create table siyu.{SCHEMA}.published (table_name varchar, row_count bigint, "
        "as_of_date date, published_at timestamp, run_id varchar, siyu_version varchar)"
    )
    connection.executemany(
        f"insert into siyu.{SCHEMA}.published values (?, ?, ?, ?, ?, ?)",
        [
            (name, held.rows, state.as_of_date, published_at, state.run_id, __version__)
            for name, held in contents.items()
        ],
    )


def keep_current_only(warehouse: Warehouse) -> int:
    """Remove every version but the current one, even if in use; return how many."""
    current = _current(warehouse)
    versions = [path for path in warehouse.published.glob("*") if path.is_dir()]
    _prune(warehouse, {current})
    return len([p for p in versions if not p.is_symlink() and p.name != current])


def _fsync_and_lock_down(folder: Path) -> None:
    """Sync files to disk and make them read-only, identifiers for the owner alone."""
    for file in folder.rglob("*"):
        if file.is_file():
            file.chmod(0o400 if file.name == IDENTIFIERS else 0o444)
    sync_tree(folder)


def _switch(warehouse: Warehouse, version: str) -> None:
    _link(warehouse.published / "current", Path(version))
    _link(warehouse.database, Path("published/current/siyu.duckdb"))
    _link(warehouse.marts, Path("published/current/marts"))


def _link(link: Path, target: Path) -> None:
    """Point a symbolic link at ``target`` in one step."""
    if link.is_symlink() and link.readlink() == target:
        return
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)
    sync_folder(link.parent)


def _before(warehouse: Warehouse, state: BuildState) -> Before | None:
    """The version to start from, unless there has been a full refresh since.

    An erasure causes one, so that no old file or block survives. So does a change of
    code or of DuckDB, which may hash differently.
    """
    manifest = read_manifest(warehouse)
    if manifest is None or manifest.get("lineage") != state.lineage:
        return None
    contents = {table: Content(**each) for table, each in manifest["contents"].items()}
    return Before((warehouse.published / "current").resolve(), contents)


def _current(warehouse: Warehouse) -> str | None:
    """The version that readers have now."""
    link = warehouse.published / "current"
    return link.readlink().name if link.is_symlink() else None


def _prune(warehouse: Warehouse, kept: set[str | None]) -> None:
    """Remove all but the kept versions, including orphans of killed runs."""
    for version in warehouse.published.iterdir():
        if version.is_dir() and not version.is_symlink() and version.name not in kept:
            shutil.rmtree(version, ignore_errors=True)
