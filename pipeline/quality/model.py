"""The data types of data quality: checks, suites, their context, their results.

Nothing here runs a check; see ``run.py`` for that and ``kinds.py`` for ready-made
checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Severity = Literal["error", "warn"]

WORST_OFFENDERS = 10


@dataclass(frozen=True)
class Check:
    """One requirement on one table.

    ``offenders`` is a query for the rows that break it. In it, the table is
    ``checked``, ``${key}`` is the select list that names a row, ``${text_columns}`` are
    the table's text columns outside the key, and any other ``${...}`` is a value of the
    context. Without ``expectation`` the check passes if that query returns no row;
    otherwise ``expectation`` and ``arguments`` name a class of Great Expectations and
    its arguments, and the query only shows the rows.
    """

    name: str
    expected: str
    offenders: str
    severity: Severity = "error"
    expectation: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Suite:
    """The checks of one table.

    ``key`` is the select list that names an offending row, ``identifiers`` the columns
    of the table in it. The checked rows are those of ``source`` (by default the table
    itself) that satisfy ``where``, which may contain ``${...}`` like a check.
    """

    schema: str
    name: str
    key: str
    checks: tuple[Check, ...]
    identifiers: tuple[str, ...] = ()
    source: str = ""
    where: str = ""

    @property
    def table(self) -> str:
        """The table's name with its schema."""
        return f"{self.schema}.{self.name}"

    @property
    def rows(self) -> str:
        """The template of the query for the rows that are checked."""
        condition = f" where {self.where}" if self.where else ""
        return f"select * from {self.source or self.table}{condition}"


@dataclass(frozen=True)
class CheckContext:
    """What a check may depend on besides the data.

    ``time_bounds`` are the first and last day that a fact may fall on; with
    ``rfm_window_days`` None the RFM window is all history. ``goes_on`` says that the
    build is an increment, which reads only the facts of new loads.
    """

    as_of: date
    timezone: str = "Asia/Shanghai"
    currency: str = "CNY"
    rfm_window_days: int | None = 365
    time_bounds: tuple[date, date] = (date(1990, 1, 1), date(2100, 1, 1))
    goes_on: bool = False

    def values(self) -> dict[str, str]:
        """The SQL literals that replace ``${...}`` in a check."""
        earliest, latest = self.time_bounds
        window = "null" if self.rfm_window_days is None else str(self.rfm_window_days)
        return {
            "as_of": f"date '{self.as_of.isoformat()}'",
            # The first moment in UTC after the as-of date.
            "end_of_as_of": f"timezone('UTC', timezone({quoted(self.timezone)}, "
            f"cast(date '{self.as_of.isoformat()}' + 1 as timestamp)))",
            "timezone": quoted(self.timezone),
            "currency": quoted(self.currency),
            "rfm_window_days": f"cast({window} as integer)",
            "earliest": f"date '{earliest.isoformat()}'",
            "latest": f"date '{latest.isoformat()}'",
            "to_be_read": "not is_built" if self.goes_on else "true",
        }


@dataclass(frozen=True)
class CheckResult:
    """The result of a check.

    ``expected`` and ``actual`` are sentences; ``worst_offenders`` holds up to
    ``WORST_OFFENDERS`` rows by their key, and ``sql`` the query that finds all of them.
    """

    table: str
    name: str
    severity: Severity
    passed: bool
    expected: str
    actual: str
    unexpected_count: int = 0
    worst_offenders: list[dict[str, Any]] = field(default_factory=list)
    sql: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether it stops the publish."""
        return not self.passed and self.severity == "error"

    def message(self) -> str:
        """The check, the table and the rows in a few lines."""
        lines = [f"{self.table} {self.name}: {self.expected} {self.actual}"]
        lines += [
            "  " + ", ".join(f"{name}={value}" for name, value in row.items())
            for row in self.worst_offenders
        ]
        return "\n".join(lines)


def blocking(results: Iterable[CheckResult]) -> list[CheckResult]:
    """The results that stop the publish, in order."""
    return [result for result in results if result.blocks]


def quoted(text: str) -> str:
    """Return ``text`` as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"
