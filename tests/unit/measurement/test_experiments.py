"""The statistics of experiments, against the customers that the sums are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.measurement.experiments import experiment_statistics

METRICS = ("visit_rate", "conversion_rate", "net_amount_per_customer")
Values = Sequence[float] | np.ndarray[Any, Any]


def sums(
    arm: str,
    after: Values,
    before: Values | None = None,
    *,
    metric: str = "net_amount_per_customer",
    **given: object,
) -> dict[str, object]:
    """A row of sums over these customers."""
    y = np.array(after, dtype=float)
    x = np.zeros(len(y)) if before is None else np.array(before, dtype=float)
    return {
        "experiment": "x",
        "arm": arm,
        "metric": metric,
        "assigned_by": "assignment",
        "planned_share": 0.5,
        "customers": len(y),
        "total": y.sum(),
        "squares": (y * y).sum(),
        "before_total": x.sum(),
        "before_squares": (x * x).sum(),
        "products": (x * y).sum(),
    } | given


def result_of(*rows: Mapping[str, object], arm: str = "treated") -> dict[str, Any]:
    """The statistics of one arm."""
    table = experiment_statistics(pd.DataFrame(rows))
    (row,) = table[table["arm"] == arm].to_dict("records")
    return dict(row)


def test_amounts_are_compared_by_welch_and_rates_by_their_own_test() -> None:
    treated, control = [1, 0, 0, 1, 1], [0, 0, 1, 0]
    amounts = result_of(sums("treated", treated), sums("control", control))
    rates = result_of(
        sums("treated", treated, metric="visit_rate"),
        sums("control", control, metric="visit_rate"),
    )

    welch = stats.ttest_ind(treated, control, equal_var=False)
    chi_square = stats.chi2_contingency([[3, 2], [1, 3]], correction=False)
    assert amounts["p_value"] == pytest.approx(welch.pvalue)
    assert rates["p_value"] == pytest.approx(chi_square.pvalue)
    for found in (amounts, rates):
        assert (found["value"], found["lift"]) == pytest.approx((0.6, 0.35))
        assert found["ci_low"] < 0.35 < found["ci_high"]


def test_control_and_an_experiment_without_one_have_no_lift() -> None:
    table = experiment_statistics(
        pd.DataFrame(
            [
                sums("control", [1, 2]),
                sums("treated", [3, 5]),
                sums("a", [1, 2], experiment="y"),
                sums("b", [3, 5], experiment="y"),
            ]
        )
    ).set_index(["experiment", "arm"])

    lifts = ["lift", "ci_low", "ci_high", "p_value", "adjusted_lift"]
    for key in (("x", "control"), ("y", "a"), ("y", "b")):
        assert table.loc[key, lifts].isna().all()
    assert table["value"].tolist() == [1.5, 4, 1.5, 4]
    assert table["lift"].dropna().tolist() == [2.5]


def test_the_time_before_is_taken_out() -> None:
    """By the slope within the arms of least squares, and Welch on what is left."""
    rng = np.random.default_rng(1)
    before = rng.gamma(1, 100, 400)
    after = 0.8 * before + rng.normal(0, 10, 400)
    is_treated = np.arange(400) % 3 == 0
    after[is_treated] += 5
    arms = (is_treated, ~is_treated)
    found = result_of(
        sums("treated", after[is_treated], before[is_treated]),
        sums("control", after[~is_treated], before[~is_treated]),
    )

    centred = before.copy()
    for arm in arms:
        centred[arm] -= before[arm].mean()
    theta = (centred * after).sum() / (centred * before).sum()
    left = after - theta * before
    expected = stats.ttest_ind(left[is_treated], left[~is_treated], equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert found["adjusted_lift"] == pytest.approx(
        left[is_treated].mean() - left[~is_treated].mean()
    )
    assert found["adjusted_ci_low"] == pytest.approx(interval.low)
    assert found["adjusted_ci_high"] == pytest.approx(interval.high)
    width = found["ci_high"] - found["ci_low"]
    assert found["adjusted_ci_high"] - found["adjusted_ci_low"] < width / 2


def test_where_nobody_differed_before_nothing_is_adjusted() -> None:
    found = result_of(sums("treated", [3, 5], [1, 1]), sums("control", [1, 2], [1, 1]))

    assert found["lift"] == 2.5
    assert np.isnan(found["adjusted_lift"])


def test_a_holdout_is_not_adjusted() -> None:
    """Its time before is a time of being held out."""
    rows = [
        sums(arm, after, before, assigned_by="holdout")
        for arm, after, before in (
            ("treated", [3, 5, 4], [1, 2, 4]),
            ("control", [1, 2, 2], [2, 3, 0]),
        )
    ]

    assert np.isnan(result_of(*rows)["adjusted_lift"])
    assert result_of(*rows)["lift"] == pytest.approx(7 / 3)


def test_sample_ratio_is_that_of_the_plan() -> None:
    """90 and 10 are as planned, and are not where halves were."""

    def rows(control: float, treated: float) -> list[dict[str, object]]:
        return [
            sums("control", [0] * 10, planned_share=control),
            sums("treated", [0] * 90, planned_share=treated),
        ]

    assert result_of(*rows(0.1, 0.9))["srm_p_value"] == pytest.approx(1)
    assert result_of(*rows(0.5, 0.5))["srm_p_value"] == pytest.approx(
        stats.chisquare([10, 90]).pvalue
    )
    assert np.isnan(result_of(rows(0.5, 0.5)[0], arm="control")["srm_p_value"])


def test_nothing_counted_gives_nothing() -> None:
    nothing = pd.DataFrame([sums("control", [1])]).iloc[:0]

    assert experiment_statistics(nothing).empty


def test_where_nothing_differs_five_of_a_hundred_tests_say_so() -> None:
    """A/A: 200 holdouts that leave nobody out of anything, drawn as `holdouts` draws.

    Of 200 draws at 5 %, between 2 and 21 are significant in all but a thousandth of
    cases on each side; the salts are fixed, so that the outcome is as well.
    """
    customers = 2_000
    rng = np.random.default_rng(2026)
    visits = rng.random(customers) < 0.3
    orders = visits & (rng.random(customers) < 0.25)
    amounts = np.where(orders, np.round(rng.lognormal(5, 1, customers), 2), 0)
    metrics = dict(zip(METRICS, (visits, orders, amounts), strict=True))
    rows = []
    for salt in range(200):
        texts = (f"{salt}:h:C{number:08d}" for number in range(customers))
        draws = (int(hashlib.md5(text.encode()).hexdigest()[:8], 16) for text in texts)
        is_held_out = np.fromiter(draws, dtype=float) / 2**32 < 0.2
        rows += [
            sums(
                arm,
                values[members],
                metric=metric,
                experiment=str(salt),
                planned_share=share,
            )
            for metric, values in metrics.items()
            for arm, members, share in (
                ("control", is_held_out, 0.2),
                ("treated", ~is_held_out, 0.8),
            )
        ]
    table = experiment_statistics(pd.DataFrame(rows)).query("arm == 'treated'")

    low, high = stats.binom(200, 0.05).ppf([0.001, 0.999])
    by_metric = table.groupby("metric")
    significant = by_metric["p_value"].agg(lambda values: (values < 0.05).sum())
    missed = (table["ci_low"] > 0) | (table["ci_high"] < 0)
    outside = missed.groupby(table["metric"]).sum()
    mismatched = (table["srm_p_value"] < 0.05).groupby(table["metric"]).sum()
    for found in (significant, outside, mismatched):
        assert found.between(low, high).all(), found.to_dict()
