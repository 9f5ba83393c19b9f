"""Run suites on a DuckDB file, inside DuckDB, and return the result of each check.

No table is read into Python, only counts from Great Expectations' metrics and at most
ten rows of a failed check, by their key. An error while checking (a missing table, a
query that fails) makes the check fail; it never passes or disappears.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.quality import sql
from pipeline.quality.model import Check, CheckContext, CheckResult, Suite
from pipeline.quality.outcome import first_line, result_of

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.data_context.data_context.abstract_data_context import (
        AbstractDataContext,
    )
    from great_expectations.expectations.expectation import Expectation

    from pipeline.quality.engine import DuckDBDatasource

# Only counts: no values of the data reach Great Expectations' results or pages.
_RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
_SEVERITIES = {"error": "critical", "warn": "warning"}


def run_suites(
    database: Path,
    suites: Iterable[Suite],
    *,
    context: CheckContext,
    docs_dir: Path | None = None,
) -> list[CheckResult]:
    """Run every check of ``suites`` on ``database``, which is opened read-only.

    Results come in the order of the suites and their checks. With ``docs_dir``, Data
    Docs are written there, replacing those of an earlier run; nothing else is written.
    This process must not hold ``database`` open for writing. Raises ``ValueError`` if
    two suites check the same table.
    """
    suites = list(suites)
    if len({suite.table for suite in suites}) < len(suites):
        raise ValueError("Two suites check the same table: combine them into one.")
    with _quiet():
        gx_context = _new_context()
        try:
            with _opened(gx_context, database) as datasource:
                results = [
                    result
                    for suite in suites
                    for result in _run_suite(gx_context, datasource, suite, context)
                ]
        except _CannotOpenError as error:
            results = [r for suite in suites for r in _all_failed(suite, str(error))]
        if docs_dir is not None:
            from pipeline.quality.docs import write_docs

            write_docs(gx_context, docs_dir, results, context.as_of)
    return results


def _new_context() -> AbstractDataContext:
    """An in-memory context that neither shows progress nor sends anything."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


class _CannotOpenError(Exception):
    """The database could not be opened for checking."""


@contextmanager
def _opened(
    context: AbstractDataContext, database: Path
) -> Generator[DuckDBDatasource, None, None]:
    from pipeline.quality.engine import close, fetch, open_datasource

    if not database.is_file():
        raise _CannotOpenError(f"There is no database {database.name}.")
    try:
        datasource = open_datasource(context, database)
        fetch(datasource, "select 1")
    except Exception as error:
        raise _CannotOpenError(
            f"{database.name} cannot be opened: {first_line(error)}"
        ) from error
    try:
        yield datasource
    finally:
        close(datasource)


def _run_suite(
    gx_context: AbstractDataContext,
    datasource: DuckDBDatasource,
    suite: Suite,
    context: CheckContext,
) -> list[CheckResult]:
    from pipeline.quality.engine import fetch

    try:
        rows = sql.fill(suite.rows, context.values())
        described = fetch(datasource, f"describe {rows}")
        counted = fetch(datasource, f"select count(*) as n from ({rows})")
        filled = sql.values(suite, context, sql.columns_of(described))
        outcomes = _validate(gx_context, datasource, suite, filled, context)
    except Exception as error:  # whatever the error, the checks failed
        return _all_failed(
            suite, f"The table could not be checked: {first_line(error)}"
        )
    return [
        result_of(
            datasource, suite, check, filled, outcomes[check.name], counted[0]["n"]
        )
        for check in suite.checks
    ]


def _validate(
    gx_context: AbstractDataContext,
    datasource: DuckDBDatasource,
    suite: Suite,
    filled: dict[str, str],
    context: CheckContext,
) -> dict[str, ExpectationValidationResult]:
    """Validate the suite's table and return the outcomes by the checks' names."""
    import great_expectations as gx

    rows = sql.fill(suite.rows, filled)
    asset = datasource.add_query_asset(suite.table, query=rows)
    gx_suite = gx.ExpectationSuite(
        suite.table,
        expectations=[_expectation(check, filled) for check in suite.checks],
    )
    definition = gx.ValidationDefinition(
        name=suite.table,
        data=asset.add_batch_definition("all_rows"),
        suite=gx_context.suites.add(gx_suite),
    )
    outcome = gx_context.validation_definitions.add(definition).run(
        result_format=_RESULT_FORMAT,
        run_id=gx.RunIdentifier(run_name=context.as_of.isoformat()),
    )
    return {r.expectation_config.meta["check"]: r for r in outcome.results}  # type: ignore[union-attr]


def _expectation(check: Check, filled: dict[str, str]) -> Expectation:
    import great_expectations.expectations as gxe

    from pipeline.quality.engine import NoOffendingRows

    common: dict[str, Any] = {
        "meta": {"check": check.name},
        "description": f"{check.name}: {check.expected}",
        "severity": _SEVERITIES[check.severity],
    }
    if check.expectation is None:
        query = sql.for_expectation(check, filled)
        return NoOffendingRows(unexpected_rows_query=query, **common)
    kind: type[Expectation] = getattr(gxe, check.expectation)
    return kind(**check.arguments, **common)


def _all_failed(suite: Suite, actual: str) -> list[CheckResult]:
    return [
        CheckResult(suite.table, c.name, c.severity, False, c.expected, actual)
        for c in suite.checks
    ]


@contextmanager
def _quiet() -> Generator[None, None, None]:
    """Keep Great Expectations' own messages out of the run's output."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logger.setLevel(level)
