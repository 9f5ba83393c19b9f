"""Great Expectations inside DuckDB: a read-only connection to one database file.

With the stock SQL datasource every metric fails on DuckDB, because the engine closes
the connection before it fetches. Reflection does not work either (DuckDB's
``pg_catalog`` lacks tables that SQLAlchemy 2.1 reads), so suites must run on query
assets, whose columns come from the query itself. Importing this module imports Great
Expectations (5 to 15 s): import it inside the functions that run checks.
"""

from __future__ import annotations

import builtins
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from great_expectations.data_context.data_context.abstract_data_context import (
    AbstractDataContext,
)
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.execution_engine.sqlalchemy_execution_engine import (
    SqlAlchemyExecutionEngine,
)
from great_expectations.expectations.core.unexpected_rows_expectation import (
    UnexpectedRowsExpectation,
)
from sqlalchemy.engine import URL


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """Keeps its connection open until :func:`close` is called."""

    @contextmanager
    def get_connection(self) -> Generator[sa.Connection, None, None]:
        """Yield the engine's connection and leave it open.

        A failed query is rolled back, because DuckDB refuses all later queries of the
        same transaction.
        """
        if self._connection is None:
            self._connection = self.engine.connect()
        try:
            yield self._connection
        except Exception:
            self._connection.rollback()
            raise


class NoOffendingRows(UnexpectedRowsExpectation):
    """The query returns no row. Unlike the stock class, it counts without fetching."""

    metric_dependencies = ("unexpected_rows_query.row_count",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002
        execution_engine: ExecutionEngine[Any] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        found = metrics["unexpected_rows_query.row_count"]
        return {"success": found == 0, "result": {"observed_value": found}}


class DuckDBDatasource(SQLDatasource):
    """A DuckDB file as a datasource; it registers itself as ``add_duckdb_file``."""

    type: Literal["duckdb_file"] = "duckdb_file"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> builtins.type[SqlAlchemyExecutionEngine]:
        """The engine that keeps its connection."""
        return DuckDBExecutionEngine

    def get_engine(self) -> sa.Engine:
        """The SQLAlchemy engine of the execution engine, instead of a second one."""
        engine = self.get_execution_engine().engine
        assert isinstance(engine, sa.Engine)
        return engine


def open_datasource(context: AbstractDataContext, database: Path) -> DuckDBDatasource:
    """Add ``database`` to ``context``, opened read-only, and return the datasource."""
    datasource = context.data_sources.add_duckdb_file(
        "duckdb",
        connection_string=URL.create(
            "duckdb", database=str(database)
        ).render_as_string(),
        create_temp_table=False,
        kwargs={"connect_args": {"read_only": True}},
    )
    assert isinstance(datasource, DuckDBDatasource)
    return datasource


def close(datasource: DuckDBDatasource) -> None:
    """Close all connections, so that the file can be opened for writing again."""
    engine = datasource.get_execution_engine()
    if engine._connection is not None:
        engine._connection.close()
        engine._connection = None
    datasource.get_engine().dispose()


def fetch(datasource: DuckDBDatasource, sql: str) -> list[dict[str, Any]]:
    """Return the rows of ``sql`` as dictionaries by column name."""
    engine = datasource.get_execution_engine()
    with engine.get_connection() as connection:
        return [dict(row) for row in connection.exec_driver_sql(sql).mappings()]
