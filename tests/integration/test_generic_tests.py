"""Tests of the tests: each generic dbt test on literal rows, valid and invalid."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from support.sql_models import ROOT, render_generic_test

NAMES = sorted(p.stem for p in (ROOT / "dbt_project/tests/generic").glob("*.sql"))

# Name, arguments, rows that pass, rows of which some fail, and how many are returned.
# Rows are the body of `values`; the columns are a and b.
CASES: list[tuple[str, dict[str, Any], str, str, int]] = [
    (
        "unique_combination",
        {"columns": ["a", "b"]},
        "(1, 1), (1, 2), (2, 1)",
        "(1, 1), (1, 2), (1, 1), (3, 3), (3, 3), (3, 3)",
        2,
    ),
    (
        "unique_combination",
        {"columns": ["a"]},
        "(1, 1), (2, 1)",
        "(null, 1), (null, 2), (1, 1)",
        1,
    ),
    (
        # b is the number of the build, and this one is the third.
        "unique_combination",
        {"columns": ["a"], "build_column": "b"},
        "(1, 1), (1, 1), (2, 3)",
        "(1, 1), (1, 1), (2, 3), (2, 1), (3, 3), (3, 3)",
        2,
    ),
    (
        "unique_combination",
        {"columns": ["a", "b"], "build_column": "b"},
        "(1, 1), (1, 1), (1, 3)",
        "(1, 3), (1, 3)",
        1,
    ),
    (
        # What has been written is 2 and 3.
        "unique_combination",
        {
            "columns": ["a", "b"],
            "changed": "(select 2 as a union all select 3)",
            "changed_key": ["a"],
        },
        "(1, 1), (1, 1), (2, 1), (2, 2), (3, 1)",
        "(1, 1), (1, 1), (2, 1), (2, 1), (3, 1), (3, 1)",
        2,
    ),
    (
        "never_null",
        {"columns": ["a", "b"]},
        "(1, 1), (0, 0)",
        "(null, 1), (1, null), (null, null), (1, 1)",
        3,
    ),
    (
        # b is the number of the build, and this one is the third.
        "never_null",
        {"columns": ["a"], "build_column": "b"},
        "(1, 3), (null, 2)",
        "(null, 3), (null, 2), (1, 3)",
        1,
    ),
]


def returned(name: str, arguments: dict[str, Any], rows: str) -> int:
    """Return how many rows the generic test returns on these rows."""
    model = f"(select * from (values {rows}) as given (a, b))"
    sql = render_generic_test(name, {"model": model, **arguments})
    with duckdb.connect() as connection:
        return len(connection.execute(sql).fetchall())


@pytest.mark.parametrize(("name", "arguments", "valid", "invalid", "failures"), CASES)
def test_passes_on_valid_rows_and_fails_on_invalid_ones(
    name: str, arguments: dict[str, Any], valid: str, invalid: str, failures: int
) -> None:
    assert returned(name, arguments, valid) == 0
    assert returned(name, arguments, invalid) == failures


def test_every_generic_test_has_a_case() -> None:
    assert sorted({case[0] for case in CASES}) == NAMES
