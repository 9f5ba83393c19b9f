"""What the report says of experiments, on literal rows of the mart."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb
import pytest

from pipeline.report.results import Result, experiment_results

Row = Callable[..., None]


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            "create schema marts; create table marts.experiment_result ("
            "experiment varchar, arm varchar, metric varchar, assigned_by varchar, "
            "customers bigint, contacted bigint, value double, lift double, "
            "ci_low double, ci_high double, p_value double, srm_p_value double, "
            "is_complete boolean)"
        )
        yield connection


@pytest.fixture
def add(marts: duckdb.DuckDBPyConnection) -> Row:
    """Add a row: by default an arm of 50 customers, of whom more convert."""

    def insert(arm: str = "coupon", **given: object) -> None:
        row = {
            "experiment": "x",
            "arm": arm,
            "metric": "conversion_rate",
            "assigned_by": "assignment",
            "customers": 50,
            "contacted": 20,
            "value": 0.25,
            "lift": 0.05,
            "ci_low": 0.01,
            "ci_high": 0.09,
            "p_value": 0.02,
            "srm_p_value": 0.5,
            "is_complete": True,
        } | given
        cells = ", ".join(f"? as {name}" for name in row)
        marts.execute(
            f"insert into marts.experiment_result by name select {cells}",
            list(row.values()),
        )

    return insert


def _control(add: Row, **given: object) -> None:
    nothing = dict.fromkeys(("lift", "ci_low", "ci_high", "p_value"))
    row = {"customers": 1_200, "contacted": 239, "value": 0.2} | nothing | given
    add("control", **row)


def test_an_arm_is_shown_against_control(
    marts: duckdb.DuckDBPyConnection, add: Row
) -> None:
    _control(add)
    add()

    assert experiment_results(marts) == [
        Result(
            "x",
            "coupon",
            "Bought",
            "购买率",
            "50 : 1,200",
            "25.0 %",
            "20.0 %",
            "+5.0",
            "+1.0 to +9.0",
            "more than control",
        )
    ]


def test_amounts_are_shown_as_amounts_and_what_is_unknown_as_a_dash(
    marts: duckdb.DuckDBPyConnection, add: Row
) -> None:
    amount = "net_amount_per_customer"
    _control(add, metric=amount)
    add(metric=amount, value=0.1, lift=-0.1, ci_low=None, ci_high=None, p_value=None)

    (result,) = experiment_results(marts)
    assert (result.value, result.lift, result.interval) == ("0.10", "-0.10", "–")
    assert result.verdict == "no difference beyond chance"


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ({"lift": -0.05}, "less than control"),
        ({"p_value": 0.05}, "no difference beyond chance"),
        ({"is_complete": False}, "still running"),
        (
            {"srm_p_value": 0.0009, "is_complete": False},
            "not assigned as planned: do not trust it",
        ),
        ({"srm_p_value": None}, "more than control"),
    ],
)
def test_a_verdict_says_what_may_be_concluded(
    marts: duckdb.DuckDBPyConnection, add: Row, given: dict[str, object], verdict: str
) -> None:
    _control(add)
    add(**given)

    assert [result.verdict for result in experiment_results(marts)] == [verdict]


@pytest.mark.parametrize(
    ("contacted", "verdict"),
    [
        (239, "more than control"),
        (240, "not held back"),
    ],
)
def test_a_holdout_that_was_not_kept_is_no_comparison(
    marts: duckdb.DuckDBPyConnection, add: Row, contacted: int, verdict: str
) -> None:
    """240 of 1,200 is half of what 20 of 50 is."""
    _control(add, assigned_by="holdout", contacted=contacted)
    add(assigned_by="holdout")

    assert [result.verdict for result in experiment_results(marts)] == [verdict]


def test_an_experiment_without_control_is_not_shown(
    marts: duckdb.DuckDBPyConnection, add: Row
) -> None:
    add()
    add("other")

    assert experiment_results(marts) == []


def test_experiments_come_before_holdouts_and_visits_before_orders(
    marts: duckdb.DuckDBPyConnection, add: Row
) -> None:
    for name, by in (("a", "holdout"), ("z", "assignment")):
        for metric in ("conversion_rate", "visit_rate"):
            _control(add, experiment=name, assigned_by=by, metric=metric)
            add(experiment=name, assigned_by=by, metric=metric)

    order = [
        (result.experiment, result.label_en) for result in experiment_results(marts)
    ]
    assert order == [
        ("z", "Visited"),
        ("z", "Bought"),
        ("a", "Visited"),
        ("a", "Bought"),
    ]
