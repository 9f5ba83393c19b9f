"""Each check on literal rows, by its own query: valid as they are, then broken one way.

This needs no Great Expectations; `test_quality_run.py` shows that it counts the same
rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pytest
from quality_rows import chain, core, landing, rfm
from quality_rows.database import AS_OF, BROKEN, SUITES, build

from pipeline.quality import sql
from pipeline.quality.model import CheckContext, Suite
from pipeline.quality.privacy import masked

# The private tables of facts; the events' mart is a view of one of them.
WRITTEN = ("intermediate.int_orders", "intermediate.int_interactions")
CHECKS = [
    (suite.table, check.name) for suite in SUITES.values() for check in suite.checks
]


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory in which every check holds."""
    with duckdb.connect() as connection:
        build(connection)
        yield connection


@pytest.fixture
def rows(database: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same database, for one test to change."""
    database.begin()
    try:
        yield database
    finally:
        database.rollback()


def offenders(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    name: str,
    context: CheckContext = AS_OF,
) -> list[dict[str, Any]]:
    """The rows that break a check, as its result would name them."""
    suite: Suite = SUITES[table]
    [check] = [check for check in suite.checks if check.name == name]
    rows = sql.fill(suite.rows, context.values())
    described = connection.execute(f"describe {rows}").fetchall()
    filled = sql.values(suite, context, {row[0]: row[1] for row in described})
    found = connection.execute(sql.worst(sql.offenders(suite, check, filled)))
    columns = [column[0] for column in found.description or ()]
    return [masked(dict(zip(columns, row, strict=True))) for row in found.fetchall()]


def failing(
    connection: duckdb.DuckDBPyConnection, context: CheckContext = AS_OF
) -> list[tuple[str, str]]:
    """Table and name of the checks that do not hold."""
    return [check for check in CHECKS if offenders(connection, *check, context)]


def test_every_check_holds_on_valid_rows(database: duckdb.DuckDBPyConnection) -> None:
    """Rows of dead loads, and facts of an earlier build, are not looked at."""
    assert failing(database) == []


def test_every_check_has_a_row_that_breaks_it() -> None:
    """A check that cannot fail says nothing."""
    broken = {(table, check) for table, check, *_ in BROKEN}

    assert [check for check in CHECKS if check not in broken] == []


@pytest.mark.parametrize(
    ("table", "check", "statements", "named"),
    BROKEN,
    ids=[f"{table}-{check}" for table, check, *_ in BROKEN],
)
def test_a_broken_row_is_named(
    rows: duckdb.DuckDBPyConnection,
    table: str,
    check: str,
    statements: str,
    named: list[dict[str, object]],
) -> None:
    """A check finds the row that breaks it, no other one, and names it by its key."""
    if statements.startswith("set "):
        statements = f"update {table} {statements}"
    rows.execute(statements)

    found = offenders(rows, table, check)

    assert [
        {name: row[name] for name in wanted}
        for row, wanted in zip(found, named, strict=True)
    ] == named


def test_a_valid_referral_passes(rows: duckdb.DuckDBPyConnection) -> None:
    """What the broken referrals are made of is itself right."""
    rows.execute(chain.REFERRED)

    failed = [check for check in failing(rows) if check[0] in chain.TABLES]
    assert failed == []


def test_no_rows_at_all_is_valid(rows: duckdb.DuckDBPyConnection) -> None:
    """An empty shop passes: nothing is expected where nothing has landed."""
    flow = "marts.aipl_flow"  # It has all its cells.
    for table in {*SUITES, *WRITTEN} - {flow, core.EVENTS}:
        rows.execute(f"delete from {table}")
    rows.execute(f"update {flow} set customers = 0")

    assert failing(rows) == []


def test_facts_after_the_as_of_date_are_not_missed(
    rows: duckdb.DuckDBPyConnection,
) -> None:
    """On an earlier date, a table without the later rows is complete."""
    earlier = replace(AS_OF, as_of=date(2023, 12, 31))
    rows.execute("delete from landing.identities")  # These have no time.
    for table in (core.CUSTOMER, core.ORDERS, core.LINES, *WRITTEN):
        rows.execute(f"delete from {table}")
    checks = [
        (core.CUSTOMER, "not_empty"),
        (core.ORDERS, "no_landed_order_lost"),
        (core.LINES, "not_empty"),
        (core.EVENTS, "not_empty"),
    ]

    assert [check for check in checks if offenders(rows, *check, earlier)] == []
    assert [check for check in checks if offenders(rows, *check)] == checks


def test_facts_are_checked_until_a_build_has_read_them(
    rows: duckdb.DuckDBPyConnection,
) -> None:
    """A build that goes on does not read them again; it does read all members."""
    rows.execute("update landing.files set is_built = true")
    rows.execute("update landing.orders set status = 'lost' where order_id = 'o3'")
    rows.execute("update landing.members set channel = '' where customer_id = 'c2'")
    orders = (landing.LANDED_ORDERS, "status_known")
    members = ("landing.members", "keys_are_trimmed")
    goes_on = replace(AS_OF, goes_on=True)

    assert failing(rows) == [orders, members]
    assert failing(rows, goes_on) == [members]


def test_all_history_has_no_last_day_of_the_window(
    rows: duckdb.DuckDBPyConnection,
) -> None:
    """Without an RFM window any recency is inside it."""
    rows.execute("update marts.rfm_scores set recency_days = 4000")
    everything = replace(AS_OF, rfm_window_days=None)

    for name in ("recency_inside_the_window", "totals_agree_with_orders"):
        assert offenders(rows, rfm.SCORES, name, everything) == []
