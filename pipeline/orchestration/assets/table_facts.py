"""Columns and row counts of the tables of a build, as Dagster metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from pipeline.storage.quoting import quote_name

Metadata = dict[str, Any]


def table_facts(database: Path) -> dict[str, Metadata]:
    """Columns of every table and view, row counts of the tables and the marts.

    ``rows_written`` is the number of rows that the build wrote into a table: the
    replaced ones of an incremental table, all rows of any other.

    Keys are ``<schema>__<table>``, as Dagster names the outputs of a build.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        columns = connection.execute(
            "select schema_name || '__' || table_name, column_name, data_type, comment "
            "from duckdb_columns() where not internal "
            "order by database_name, schema_name, table_name, column_index"
        ).fetchall()
        rows = connection.execute(
            "select schema_name || '__' || table_name, estimated_size "
            "from duckdb_tables()"
        ).fetchall()
        views = connection.execute(
            "select view_name from duckdb_views() where schema_name = 'marts'"
        ).fetchall()
        for (view,) in views:
            query = f"select 'marts__{view}', count(*) from marts.{quote_name(view)}"
            rows += connection.execute(query).fetchall()
        written = connection.execute(
            "select schema_name || '__' || table_name, "
            "coalesce(row_count, estimated_size) from duckdb_tables() "
            "left join main.rows_written on table_name = model"
        ).fetchall()
    schemas: dict[str, list[dg.TableColumn]] = {}
    for table, name, data_type, comment in columns:
        column = dg.TableColumn(name, data_type.lower(), description=comment)
        schemas.setdefault(table, []).append(column)
    facts: dict[str, Metadata] = {
        table: {"dagster/column_schema": dg.TableSchema(columns=listed)}
        for table, listed in schemas.items()
    }
    for table, count in rows:
        facts.setdefault(table, {})["dagster/row_count"] = int(count)
    for table, count in written:
        facts[table]["rows_written"] = int(count)
    return facts
