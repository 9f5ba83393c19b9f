"""Landing as tables: an empty file for each entity, the list of active loads, views.

dbt and the checks see landing through views in the build database, and ignore the rows
of any load that is not in ``landing/files.parquet``.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config.contract import ENTITIES
from pipeline.config.settings import Settings
from pipeline.ingest.source_files import natural_key
from pipeline.storage.atomic_files import owner_only, replace_file
from pipeline.storage.build_state import LOADS, prepare_build_tables
from pipeline.storage.delivery_log import touches_query
from pipeline.storage.load_log import LoadLog, active_loads
from pipeline.storage.quoting import no_rows, quote_text
from pipeline.storage.warehouse import Warehouse

_FILES_SCHEMA = pa.schema(
    [
        ("load_id", pa.string()),
        ("source", pa.string()),
        ("entity", pa.string()),
        ("file_name", pa.string()),
        ("file_order", pa.string()),
        ("rows_accepted", pa.int64()),
    ]
)


def remove_orphans(warehouse: Warehouse, load_log: LoadLog) -> None:
    """Delete landing and quarantine files that the load log does not know."""
    known = {load.load_id for load in load_log.loads()} | {"empty"}
    for folder in (warehouse.landing, warehouse.quarantine):
        for file in folder.glob("*/*.parquet"):
            if file.stem not in known:
                file.unlink()


def register_landing(
    settings: Settings, warehouse: Warehouse, load_log: LoadLog
) -> None:
    """Write the list of active loads, and views over landing in the build database."""
    _write_empty_files(warehouse)
    _write_file_list(settings, warehouse, load_log)
    create_views(warehouse, warehouse.build_database)


def create_views(warehouse: Warehouse, database: Path) -> None:
    """Create the views over landing in a database readable by its owner alone."""
    with owner_only(), duckdb.connect(str(database)) as connection:
        connection.execute("create schema if not exists landing")
        for entity in ENTITIES:
            _create_view(connection, entity, warehouse.landing / entity / "*.parquet")
        connection.execute(
            f"create or replace view landing.deliveries as {touches_query(warehouse)}"
        )
        prepare_build_tables(connection)
        files = quote_text(str(warehouse.landing / "files.parquet"))
        connection.execute(
            "create or replace view landing.files as "
            "select files.*, built.load_id is not null as is_built "
            f"from read_parquet({files}) as files left join {LOADS} as built "
            "using (load_id, file_order)"
        )
    database.chmod(0o600)


def _create_view(connection: duckdb.DuckDBPyConnection, name: str, files: Path) -> None:
    connection.execute(
        f"create or replace view landing.{name} as "
        f"select * from read_parquet({quote_text(str(files))})"
    )


def delivered_touches(warehouse: Warehouse) -> int:
    """The number of rows of the view of deliveries in the build database."""
    with duckdb.connect(str(warehouse.build_database), read_only=True) as connection:
        row = connection.execute("select count(*) from landing.deliveries").fetchone()
    return int(row[0]) if row else 0


def _write_empty_files(warehouse: Warehouse) -> None:
    """Give each entity a file without rows, so that its types are always known."""
    with duckdb.connect() as connection:
        for entity in ENTITIES.values():
            target = warehouse.landing / entity.name / "empty.parquet"
            if target.exists():
                continue
            finished = warehouse.scratch / "empty.parquet"
            connection.execute(
                f"copy ({no_rows(entity.landed)}) to {quote_text(str(finished))}"
            )
            replace_file(finished, target)


def _write_file_list(
    settings: Settings, warehouse: Warehouse, load_log: LoadLog
) -> None:
    """If one content has several names, the last in natural order counts."""
    names = load_log.names()
    rows = []
    for load in active_loads(settings, load_log):
        name = max(names[load.source, load.content_hash], key=natural_key)
        rows.append(
            {
                "load_id": load.load_id,
                "source": load.source,
                "entity": load.entity,
                "file_name": name,
                "file_order": natural_key(name),
                "rows_accepted": load.rows_accepted,
            }
        )
    rows.sort(key=lambda row: str(row["load_id"]))
    finished = warehouse.scratch / "files.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=_FILES_SCHEMA), finished)
    replace_file(finished, warehouse.landing / "files.parquet")
