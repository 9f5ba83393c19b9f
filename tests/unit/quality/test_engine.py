"""Great Expectations on DuckDB: what the stock engine cannot do, and ours can.

Cost: 10 seconds, to import Great Expectations.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import great_expectations as gx
import great_expectations.expectations as gxe
import pytest
from great_expectations.datasource.fluent import SQLDatasource

from pipeline.quality.engine import close, open_datasource

CHECK = gxe.UnexpectedRowsExpectation(
    unexpected_rows_query="select * from {batch} where n > 2"
)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "three.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table t as select unnest([1, 2, 3]) as n")
    return file


def found(datasource: SQLDatasource) -> int | None:
    """How many rows break the check, None if it cannot be carried out."""
    asset = datasource.add_query_asset("t", query="select * from t")
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    return batch.validate(CHECK).result.get("observed_value")


def test_the_engine_of_this_project_runs_a_check(database: Path) -> None:
    context = gx.get_context(mode="ephemeral")
    datasource = open_datasource(context, database)
    try:
        assert found(datasource) == 1
    finally:
        close(datasource)


def test_the_stock_engine_still_fails(database: Path) -> None:
    """Once it does not, `pipeline/quality/engine.py` needs no engine of its own."""
    context = gx.get_context(mode="ephemeral")
    datasource = context.data_sources.add_sql(
        "stock", connection_string=f"duckdb:///{database}", create_temp_table=False
    )
    assert found(datasource) is None
