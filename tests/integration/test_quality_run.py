"""Suites run by Great Expectations: what it counts, says, writes and survives.

It takes seconds to import, so that everything that needs it is in this file. That each
check finds the rows that break it is shown in `test_quality_checks.py`.
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from quality_rows.core import CUSTOMER, EVENTS, ORDERS
from quality_rows.database import AS_OF, BROKEN, SUITES, build
from quality_rows.rfm import CUTS, SCORES

from pipeline.quality.model import CheckResult, Suite, blocking
from pipeline.quality.run import run_suites


@pytest.fixture(scope="session")
def valid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file in which every check holds."""
    path = tmp_path_factory.mktemp("quality") / "build.duckdb"
    with duckdb.connect(str(path)) as connection:
        build(connection)
    return path


@pytest.fixture
def broken(valid: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Copy the valid database and run statements on the copy."""

    def copy(statements: str) -> Path:
        path = tmp_path / "broken.duckdb"
        shutil.copy(valid, path)
        with duckdb.connect(str(path)) as connection:
            connection.execute(statements)
        return path

    return copy


def only(table: str, *checks: str) -> Suite:
    """The suite of ``table`` with these checks alone."""
    suite = SUITES[table]
    return replace(suite, checks=tuple(c for c in suite.checks if c.name in checks))


def run_one(database: Path, table: str, check: str) -> CheckResult:
    [result] = run_suites(database, [only(table, check)], context=AS_OF)
    return result


def test_valid_rows_pass_every_check(valid: Path) -> None:
    """Great Expectations can evaluate every query, and finds nothing in valid rows."""
    results = run_suites(valid, SUITES.values(), context=AS_OF)

    assert [r.message() for r in results if not r.passed] == []
    assert len(results) == sum(len(suite.checks) for suite in SUITES.values())
    assert results[-1].actual == "No exception in 13 rows."


@pytest.mark.parametrize(
    ("table", "check"),
    [
        # A column's values in a set and in a range, as expectations of their own.
        ("landing.files", "entity_known"),
        (SCORES, "r_score_in_range"),
        # Single rows, once by a query with braces; and what concerns several rows.
        (ORDERS, "net_is_gross_less_refund"),
        (CUSTOMER, "no_direct_identifier"),
        ("marts.customer_360", "customers_are_those_of_dim_customer"),
        ("marts.segment_ledger", "entries_follow_one_another"),
    ],
)
def test_great_expectations_counts_the_same_rows(
    broken: Callable[[str], Path], table: str, check: str
) -> None:
    """One check of each form fails on the rows that its own query finds."""
    *_, statements, named = next(case for case in BROKEN if case[:2] == (table, check))
    if statements.startswith("set "):
        statements = f"update {table} {statements}"

    result = run_one(broken(statements), table, check)

    assert not result.passed
    assert result.unexpected_count == len(named)
    assert [
        {name: row[name] for name in wanted}
        for row, wanted in zip(result.worst_offenders, named, strict=True)
    ] == named
    exceptions = "1 exception" if len(named) == 1 else f"{len(named)} exceptions"
    assert result.actual.startswith(f"{exceptions} in ")


def test_worst_offenders_are_counted_in_full_and_shown_in_part(
    broken: Callable[[str], Path],
) -> None:
    """Ten rows are shown, in key order; the count is of all of them."""
    database = broken(
        "insert into intermediate.int_interactions by name select "
        "'x' || lpad(i::text, 3, '0') as event_id, 'Page View' as event_type, "
        "2 as build_no from range(250) as rows (i)"
    )

    result = run_one(database, EVENTS, "event_type_is_a_name")

    assert result.unexpected_count == 250
    assert result.actual == "250 exceptions in 251 rows."
    assert [row["event_id"] for row in result.worst_offenders] == [
        f"x00{i}" for i in range(10)
    ]
    assert result.sql is not None
    with duckdb.connect(str(database)) as connection:
        assert len(connection.execute(result.sql).fetchall()) == 250


def test_a_table_has_one_suite(valid: Path) -> None:
    """Two suites of one table would overwrite each other's pages."""
    with pytest.raises(ValueError, match="same table"):
        run_suites(valid, [SUITES[ORDERS], SUITES[ORDERS]], context=AS_OF)


def test_warnings_do_not_block(broken: Callable[[str], Path]) -> None:
    """Only an error stops the publish."""
    database = broken(
        "update intermediate.int_interactions set event_type = 'Page View'; "
        "update marts.rfm_scores set m_score = 0"
    )

    results = run_suites(
        database,
        [only(EVENTS, "event_type_is_a_name"), only(SCORES, "m_score_in_range")],
        context=AS_OF,
    )

    assert [r.passed for r in results] == [False, False]
    assert [r.name for r in blocking(results)] == ["m_score_in_range"]
    assert results[1].message() == (
        "marts.rfm_scores m_score_in_range: m_score is between 1 and 5. "
        "1 exception in 1 row.\n  customer_id=c1, m_score=0"
    )


class TestMachinery:
    """What goes wrong while checking is a failed check that says what went wrong."""

    def test_missing_table(self, broken: Callable[[str], Path]) -> None:
        """Every check of a missing table fails; other tables are still checked."""
        database = broken("drop table marts.rfm_scores")

        results = run_suites(
            database, [SUITES[SCORES], SUITES["marts.dim_product"]], context=AS_OF
        )

        scores = [r for r in results if r.table == SCORES]
        assert len(scores) == len(SUITES[SCORES].checks)
        assert not any(r.passed for r in scores)
        assert "rfm_scores does not exist" in scores[0].actual
        assert all(r.passed for r in results if r.table != SCORES)

    def test_missing_column(self, broken: Callable[[str], Path]) -> None:
        """The checks on a missing column fail and name it; the others go on."""
        database = broken("alter table intermediate.int_orders drop net_amount")

        results = {
            r.name: r for r in run_suites(database, [SUITES[ORDERS]], context=AS_OF)
        }

        failed = results.pop("net_is_gross_less_refund")
        assert not failed.passed
        assert "net_amount" in failed.actual
        assert failed.actual.startswith("It could not be evaluated: ")
        assert all(result.passed for result in results.values())

    def test_query_that_fails_while_it_runs(self, valid: Path) -> None:
        """After an error in the middle of a query the next checks still run."""
        suite = SUITES["marts.dim_product"]
        failing = replace(
            suite.checks[0],
            name="fails",
            expectation=None,
            offenders="select error('no luck :at all') from checked",
        )
        checks = (failing, *suite.checks)

        results = run_suites(valid, [replace(suite, checks=checks)], context=AS_OF)

        assert not results[0].passed
        assert "no luck :at all" in results[0].actual
        assert all(r.passed for r in results[1:])

    def test_missing_database(self, tmp_path: Path) -> None:
        """Without a database every check fails, and no file is made."""
        results = run_suites(tmp_path / "no.duckdb", [SUITES[ORDERS]], context=AS_OF)

        assert {r.actual for r in results} == {"There is no database no.duckdb."}
        assert not any(r.passed for r in results)
        assert list(tmp_path.iterdir()) == []

    def test_not_a_database(self, tmp_path: Path) -> None:
        """A file that DuckDB cannot open is named."""
        path = tmp_path / "build.duckdb"
        path.write_text("not a database, but long enough to be looked at" * 100)

        [result] = run_suites(path, [only(CUTS, "cut_in_range")], context=AS_OF)

        assert not result.passed
        assert "build.duckdb cannot be opened" in result.actual

    def test_file_is_free_afterwards(self, broken: Callable[[str], Path]) -> None:
        """The file can be opened for writing after the checks, also after failures."""
        database = broken("drop table marts.rfm_scores")

        run_suites(database, [SUITES[SCORES]], context=AS_OF)

        with duckdb.connect(str(database)) as connection:
            connection.execute("create table written as select 1")

    def test_odd_paths(self, valid: Path, tmp_path: Path) -> None:
        """Characters that mean something in a URL or a shell are only characters."""
        folder = tmp_path / "a b%20?x=1#$HOME ${HOME} 'q' 数据"
        folder.mkdir()
        shutil.copy(valid, folder / "build.duckdb")

        result = run_one(folder / "build.duckdb", ORDERS, "status_known")

        assert result.passed


def test_nothing_is_said_and_no_file_is_left(
    valid: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A run is silent, writes nothing, and leaves logging as it was."""
    monkeypatch.chdir(tmp_path)
    level = logging.getLogger("great_expectations").level

    run_suites(valid, [SUITES[ORDERS]], context=AS_OF)

    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []
    assert logging.getLogger("great_expectations").level == level


def test_data_docs_open_without_a_network(
    broken: Callable[[str], Path], tmp_path: Path
) -> None:
    """The pages are written, link to one another, and refer to no other site."""
    database = broken(
        "update marts.dim_customer set attributes = 'call 13912345678', "
        "acquisition_channel = '<b>' where customer_id = 'c1'; "
        "update marts.dim_customer set valid_orders = 1 where customer_id = 'c2'"
    )
    docs = tmp_path / "docs"
    (docs / "validations" / "old").mkdir(parents=True)

    run_suites(database, [SUITES[CUSTOMER], SUITES[CUTS]], context=AS_OF, docs_dir=docs)

    pages = {path: path.read_text() for path in docs.rglob("*.html")}
    index = pages[docs / "index.html"]
    assert sum("validations" in path.parts for path in pages) == 2
    assert not (docs / "validations" / "old").exists()
    assert "no_direct_identifier" in index
    assert "as of 2024-03-31" in index
    links = [part.split('"')[0] for part in index.split('href="')[1:]]
    assert len(links) == 2
    for path, page in pages.items():
        for link in re.findall(r'href="([^"#:]+)["#]', page):
            assert (path.parent / link).is_file(), (path, link)
        assert "13912345678" not in page, path
        assert "<script" not in page, path
        assert "<link" not in page, path
        assert 'src="' not in page, path
        assert "url(" not in page, path
