"""Converting outcomes of Great Expectations to results that name the rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipeline.quality import sql
from pipeline.quality.model import Check, CheckResult, Suite
from pipeline.quality.privacy import hidden, masked

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult

    from pipeline.quality.engine import DuckDBDatasource


def result_of(
    datasource: DuckDBDatasource,
    suite: Suite,
    check: Check,
    filled: Mapping[str, str],
    outcome: ExpectationValidationResult,
    rows: int,
) -> CheckResult:
    """Turn an outcome into a result; for a failed check, fetch the worst offenders."""
    from pipeline.quality.engine import fetch

    query = sql.offenders(suite, check, filled)
    passed, found = bool(outcome.success), _unexpected(outcome)
    worst: list[dict[str, Any]] = []
    problem = _raised(outcome)
    if problem:
        actual = f"It could not be evaluated: {problem}"
    elif passed:
        actual = f"No exception in {sql.plural(rows)}."
    else:
        actual = f"{sql.plural(found, 'exception')} in {sql.plural(rows)}."
        try:
            worst = [masked(row) for row in fetch(datasource, sql.worst(query))]
        except Exception as error:
            actual += f" They could not be fetched: {first_line(error)}"
    return CheckResult(
        table=suite.table,
        name=check.name,
        severity=check.severity,
        passed=passed and not problem,
        expected=check.expected,
        actual=actual,
        unexpected_count=found,
        worst_offenders=worst,
        sql=query,
    )


def _unexpected(outcome: ExpectationValidationResult) -> int:
    result = outcome.result
    return int(result.get("unexpected_count", result.get("observed_value")) or 0)


def _raised(outcome: ExpectationValidationResult) -> str:
    """The message of the exception behind an outcome, or ''."""
    raised = outcome.exception_info or {}
    if "raised_exception" in raised:  # one exception of the expectation itself
        raised = {"": raised}
    messages = [
        str(one.get("exception_message"))
        for one in raised.values()
        if isinstance(one, dict) and one.get("raised_exception")
    ]
    return _shortened(messages[0]) if messages else ""


def first_line(error: Exception) -> str:
    """The error's message on one line, with direct identifiers masked."""
    return _shortened(str(error) or type(error).__name__)


def _shortened(message: str) -> str:
    """The message without the driver's class, the statement and links to manuals.

    A database error may quote the value that caused it.
    """
    text = re.split(r"\n\[SQL:|\n\nLINE |\n\(Background", message)[0]
    text = re.sub(r"^\(?_?duckdb\.\w+\)\s*", "", text.strip())
    return hidden(" ".join(text.split()))[:500]
