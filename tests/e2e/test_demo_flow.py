"""The flow that `siyu flow` counts between two days is the flow of the mart."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pytest

from pipeline.report.flow import flow_between


@pytest.mark.parametrize("days", [1, 7, 30])
def test_flow_on_request_equals_the_mart(
    marts: duckdb.DuckDBPyConnection, days: int
) -> None:
    """A day taken for its neighbour, or customers counted who were not known."""
    (as_of,) = marts.execute("select max(as_of_date) from marts.aipl_stage").fetchall()
    d0 = as_of[0] - timedelta(days)
    rows = marts.execute(
        "select from_stage, to_stage, customers from marts.aipl_flow "
        "where from_date = ?",
        [d0],
    ).fetchall()
    expected = {(before, after): customers for before, after, customers in rows}
    assert len(expected) == 25
    assert flow_between(marts, "Asia/Shanghai", d0, as_of[0]) == expected
