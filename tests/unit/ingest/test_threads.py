"""How many files are loaded at once, and how many of DuckDB's threads are left them."""

from pathlib import Path

import duckdb
import pytest

from pipeline.ingest.load import ingest_connection
from pipeline.ingest.run import files_in_work
from pipeline.storage.warehouse import Warehouse


@pytest.mark.parametrize(
    ("sizes", "at_once"),
    [([5, 5], 2), ([5, 4, 3], 2), ([5], 1), ([9, 5], 1), ([90, 5, 5], 1)],
)
def test_a_file_with_most_of_the_bytes_is_soon_alone(
    sizes: list[int], at_once: int
) -> None:
    assert files_in_work(sizes) == at_once


@pytest.mark.parametrize("at_once", [1, 2, 1_000])
def test_who_runs_statements_counts_as_one_of_the_threads(
    tmp_path: Path, at_once: int
) -> None:
    cores = _threads(duckdb.connect())
    warehouse = Warehouse(tmp_path)
    warehouse.prepare()
    with ingest_connection(warehouse, at_once) as connection:
        assert _threads(connection) == max(1, cores - at_once + 1)


def _threads(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("select current_setting('threads')").fetchone()
    assert row
    return int(row[0])
