"""What is published in a warehouse, made comparable."""

from __future__ import annotations

from pathlib import Path

import duckdb
from support.published import parquet_files

# Row count, and a sum of row hashes that does not depend on their order.
Fingerprint = tuple[int, int]


def fingerprints(database: Path) -> dict[str, Fingerprint]:
    """Each table of the marts but `published`, which says when and by which run."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            table: _fingerprint(connection, f"marts.{table}")
            for table in _tables(connection)
            if table != "published"
        }


def assert_whole_version(warehouse: Path) -> dict[str, Fingerprint]:
    """The published database and Parquet files are readable and of one version.

    Returns the fingerprints of its tables.
    """
    database = warehouse / "siyu.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        noted = dict(
            connection.execute("select table_name, row_count from marts.published")
            .fetchall()
        )  # fmt: skip
        runs = connection.execute(
            "select distinct run_id, as_of_date, published_at from marts.published"
        ).fetchall()
        assert len(runs) == 1, runs
        tables = set(_tables(connection)) - {"published"}
        assert tables == set(noted)
        in_database = {t: _fingerprint(connection, f"marts.{t}") for t in tables}
        files = parquet_files(warehouse / "marts")
        assert set(files) == tables | {"published"}
        in_files = {
            t: _fingerprint(connection, f"read_parquet({files[t]})") for t in tables
        }
    assert {t: rows for t, (rows, _) in in_database.items()} == noted
    assert in_files == in_database
    return in_database


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
    ).fetchall()
    return [table for (table,) in rows]


def _fingerprint(connection: duckdb.DuckDBPyConnection, source: str) -> Fingerprint:
    row = connection.execute(
        f"select count(*), coalesce(sum(hash(t)::hugeint), 0) from {source} as t"
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
