"""The state of the private build database: which build it holds, made from what.

The next build asks here whether it can start from these tables, and publishing asks
whether they are complete and checked. So marts of a build that failed or was not
checked are never published, even if publishing is started by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import date
from uuid import uuid4

import duckdb

from pipeline.errors import SiyuError
from pipeline.storage.warehouse import Warehouse

_STATE = "main.current_build"
# The loads that the build has read.
LOADS = "main.built_loads"


@dataclass(frozen=True)
class BuildState:
    """One build of the marts; the columns of its table, in order.

    The next build compares ``basis`` and ``rules`` (a hash for each group of rule
    files) with its own. A full refresh gives a new ``lineage``; increments keep it,
    and ``build_no`` counts them.
    """

    as_of_date: date
    run_id: str
    basis: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    lineage: str = field(default_factory=lambda: uuid4().hex)
    build_no: int = 1
    is_whole: bool = False
    is_checked: bool = False

    def following(self, last: BuildState) -> BuildState:
        """The same build, as an increment of ``last``."""
        return replace(self, lineage=last.lineage, build_no=last.build_no + 1)


def prepare_build_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of this module where they are missing."""
    connection.execute(
        f"create table if not exists {_STATE} (as_of_date date, run_id varchar, "
        "basis varchar, rules map(varchar, varchar), lineage varchar, "
        "build_no integer, is_whole boolean, is_checked boolean)"
    )
    connection.execute(
        f"create table if not exists {LOADS} (load_id varchar, file_order varchar)"
    )


def whole_build(warehouse: Warehouse) -> BuildState | None:
    """The build in the database if it is complete, checked or not."""
    if not warehouse.build_database.exists():
        return None
    with duckdb.connect(str(warehouse.build_database)) as connection:
        prepare_build_tables(connection)
        row = connection.execute(f"from {_STATE} where is_whole").fetchone()
    return BuildState(*row) if row else None


def checked_build(warehouse: Warehouse) -> BuildState:
    """The build in the database.

    Raises ``SiyuError`` if there is no complete and checked build to publish.
    """
    state = whole_build(warehouse)
    if state is None:
        raise SiyuError("there is no finished build to publish; run the whole pipeline")
    if not state.is_checked:
        raise SiyuError(
            f"the build for {state.as_of_date} has not passed its checks; "
            "nothing was published"
        )
    return state


def is_load_gone(warehouse: Warehouse) -> bool:
    """Whether a load that the build has read has been removed or replaced."""
    with duckdb.connect(str(warehouse.build_database)) as connection:
        row = connection.execute(
            f"from {LOADS} anti join landing.files using (load_id, file_order) limit 1"
        ).fetchone()
    return row is not None


def record_start(warehouse: Warehouse, state: BuildState) -> None:
    """Record that the tables are being rebuilt; until the end they are incomplete."""
    marks = ", ".join("?" * len(astuple(state)))
    with duckdb.connect(str(warehouse.build_database)) as connection:
        prepare_build_tables(connection)
        connection.begin()
        connection.execute(f"delete from {_STATE}")
        connection.execute(f"insert into {_STATE} values ({marks})", astuple(state))
        connection.commit()


def record_end(warehouse: Warehouse) -> None:
    """Record that the build is complete, and which loads it has read."""
    with duckdb.connect(str(warehouse.build_database)) as connection:
        connection.begin()
        connection.execute(
            f"create or replace table {LOADS} as "
            "select load_id, file_order from landing.files"
        )
        connection.execute(f"update {_STATE} set is_whole = true")
        connection.commit()


def record_checks(warehouse: Warehouse, *, passed: bool) -> None:
    """Record whether the blocking checks of the built marts passed."""
    with duckdb.connect(str(warehouse.build_database)) as connection:
        connection.execute(f"update {_STATE} set is_checked = ?", [passed])
