"""What the private build database holds now: for which day, and whether it was checked.

Publishing asks here, so that marts of a build that failed or was not checked never get
out, whatever is started by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from pipeline.errors import SiyuError
from pipeline.warehouse import Warehouse

_TABLE = "main.build_state"


@dataclass(frozen=True)
class BuildState:
    """The as-of date of the built marts, and whether all blocking checks passed."""

    as_of_date: date
    run_id: str
    is_checked: bool


def forget_build(warehouse: Warehouse) -> None:
    """Note that the marts are being rebuilt and are not whole."""
    with duckdb.connect(str(warehouse.build_database)) as connection:
        connection.execute(
            f"create or replace table {_TABLE} "
            "(as_of_date date, run_id varchar, is_checked boolean)"
        )


def record_build(warehouse: Warehouse, as_of_date: date, run_id: str) -> None:
    """Note that the marts were built wholly for this date."""
    forget_build(warehouse)
    with duckdb.connect(str(warehouse.build_database)) as connection:
        connection.execute(
            f"insert into {_TABLE} values (?, ?, false)", [as_of_date, run_id]
        )


def record_checks(warehouse: Warehouse, *, passed: bool) -> None:
    """Note whether the blocking checks of the built marts passed."""
    with duckdb.connect(str(warehouse.build_database)) as connection:
        connection.execute(f"update {_TABLE} set is_checked = ?", [passed])


def checked_build(warehouse: Warehouse) -> BuildState:
    """Return the state of the build.

    Raises ``SiyuError`` if there is no whole and checked build to publish.
    """
    row = None
    if warehouse.build_database.exists():
        with duckdb.connect(str(warehouse.build_database)) as connection:
            known = connection.execute(
                "select 1 from duckdb_tables() where table_name = 'build_state'"
            ).fetchone()
            if known:
                row = connection.execute(f"from {_TABLE}").fetchone()
    if row is None:
        raise SiyuError("there is no finished build to publish; run the whole pipeline")
    state = BuildState(*row)
    if not state.is_checked:
        raise SiyuError(
            f"the build for {state.as_of_date} has not passed its checks; "
            "nothing was published"
        )
    return state
