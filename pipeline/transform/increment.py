"""What the last whole build read, and whether the next one may go on from its tables.

The incremental models keep what they built and add what has landed since. That is right
only after a build that came to its end, under the same code and time zone, with every
load that it read still there; after anything else the next build starts afresh.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb

from pipeline.project import code_hash
from pipeline.rules.files import effective_rules
from pipeline.settings import Settings
from pipeline.warehouse import Warehouse

_LAST = "main.last_build"
LOADS = "main.built_loads"


@dataclass(frozen=True)
class LastBuild:
    """The build to go on from: its number, its as-of date, and what is new since."""

    build_no: int
    as_of_date: date
    are_aipl_rules_new: bool
    are_rfm_rules_new: bool

    def variable(self) -> dict[str, Any]:
        """The value of the dbt variable ``last_build``."""
        return {**asdict(self), "as_of_date": self.as_of_date.isoformat()}


def prepare_build_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of this module where they are missing."""
    connection.execute(
        f"create table if not exists {_LAST} (build_no integer, as_of_date date, "
        "basis varchar, aipl_rules varchar, rfm_rules varchar)"
    )
    connection.execute(
        f"create table if not exists {LOADS} (load_id varchar, file_order varchar)"
    )


def begin_build(settings: Settings, warehouse: Warehouse) -> LastBuild | None:
    """Return the build to go on from, or None to start afresh.

    It is forgotten at once: if this build does not come to its end, the next one starts
    afresh.
    """
    with duckdb.connect(str(warehouse.build_database)) as connection:
        prepare_build_tables(connection)
        row = connection.execute(
            f"select *, exists (select 1 from {LOADS} anti join landing.files "
            f"using (load_id, file_order)) from {_LAST}"
        ).fetchone()
        connection.execute(f"delete from {_LAST}")
    if row is None:
        return None
    build_no, as_of_date, basis, aipl_rules, rfm_rules, is_load_gone = row
    if basis != _basis(settings) or is_load_gone:
        return None
    return LastBuild(
        build_no,
        as_of_date,
        are_aipl_rules_new=aipl_rules != _aipl_rules(settings),
        are_rfm_rules_new=rfm_rules != _rfm_rules(settings),
    )


def record_whole_build(
    settings: Settings, warehouse: Warehouse, as_of_date: date, last: LastBuild | None
) -> None:
    """Note that a build that went on from ``last`` came to its end."""
    build_no = last.build_no + 1 if last else 1
    rules = [_aipl_rules(settings), _rfm_rules(settings)]
    row = [build_no, as_of_date, _basis(settings), *rules]
    with duckdb.connect(str(warehouse.build_database)) as connection:
        connection.begin()
        connection.execute(
            f"create or replace table {LOADS} as "
            "select load_id, file_order from landing.files"
        )
        connection.execute(f"insert into {_LAST} values (?, ?, ?, ?, ?)", row)
        connection.commit()


def _basis(settings: Settings) -> str:
    return f"{code_hash()} {settings.shop.timezone} {duckdb.__version__}"


def _aipl_rules(settings: Settings) -> str:
    return _hash_of_rules(settings, ["aipl_rules"])


def _rfm_rules(settings: Settings) -> str:
    variables = [settings.var(name) for name in ("rfm_window_days", "ledger_days")]
    return f"{_hash_of_rules(settings, ['rfm_scoring', 'rfm_segments'])} {variables}"


def _hash_of_rules(settings: Settings, names: list[str]) -> str:
    files = effective_rules(settings)
    contents = [hashlib.sha256(files[name].read_bytes()).hexdigest() for name in names]
    return " ".join(contents)
