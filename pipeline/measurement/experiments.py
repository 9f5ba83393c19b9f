"""How the arms of an experiment differ, and how certain that is."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from pipeline.measurement.differences import (
    Difference,
    Floats,
    difference_of_means,
    difference_of_rates,
)

CONTROL = "control"
MEANS = ("net_amount_per_customer",)
_KEYS = ["experiment", "metric"]
_SUMS = ["customers", "total", "squares", "before_total", "before_squares", "products"]


def experiment_statistics(counts: pd.DataFrame) -> pd.DataFrame:
    """Add values, lifts and their statistics to the sums of each arm and metric.

    ``counts`` has a row for each ``experiment``, ``arm`` and ``metric``, with
    ``assigned_by``, ``planned_share`` and, over the ``customers`` of the arm, the sums
    of the outcome (``total``, ``squares``), of the same in the time before
    (``before_total``, ``before_squares``) and of both multiplied (``products``). The
    result has in addition:

    ``value``: the mean outcome. ``lift``, ``ci_low``, ``ci_high``, ``p_value``: the
    difference from the arm ``control``, see ``differences``. ``adjusted_lift`` and its
    interval: the same after removing what the time before explains. ``srm_p_value``:
    the probability of arms at least this far from the planned shares, if customers were
    assigned as planned. Values that do not exist, such as the lift of control, are NaN.
    """
    table: pd.DataFrame = counts.copy()
    control = table[table["arm"] == CONTROL][[*_KEYS, *_SUMS]]
    both = table[[*_KEYS, *_SUMS]].merge(
        control, on=_KEYS, how="left", suffixes=("", "_control"), validate="m:1"
    )
    arm = {name: both[name].to_numpy(dtype=float) for name in _SUMS}
    other = {name: both[f"{name}_control"].to_numpy(dtype=float) for name in _SUMS}
    is_control = (table["arm"] == CONTROL).to_numpy()
    is_mean = table["metric"].isin(MEANS).to_numpy()
    table["value"] = arm["total"] / arm["customers"]
    lift = [
        np.where(is_mean, of_mean, of_rate)
        for of_mean, of_rate in zip(_means(arm, other), _rates(arm, other), strict=True)
    ]
    for name, numbers in zip(
        ("lift", "ci_low", "ci_high", "p_value"), lift, strict=True
    ):
        table[name] = np.where(is_control, np.nan, numbers)
    # A holdout has no time before: the same customers were held out then.
    is_adjusted = ~is_control & (table["assigned_by"] == "assignment").to_numpy()
    adjusted = _adjusted(arm, other)
    for name, numbers in zip(("lift", "ci_low", "ci_high"), adjusted[:3], strict=True):
        table[f"adjusted_{name}"] = np.where(is_adjusted, numbers, np.nan)
    table["srm_p_value"] = _sample_ratio(table)
    return table


def _rates(arm: dict[str, Floats], other: dict[str, Floats]) -> Difference:
    return difference_of_rates(
        arm["total"], arm["customers"], other["total"], other["customers"]
    )


def _means(arm: dict[str, Floats], other: dict[str, Floats]) -> Difference:
    first, second = (
        (
            sums["total"] / sums["customers"],
            _covariance(
                sums["squares"], sums["total"], sums["total"], sums["customers"]
            ),
            sums["customers"],
        )
        for sums in (arm, other)
    )
    return difference_of_means(*first, *second)


def _covariance(
    products: Floats, first: Floats, second: Floats, size: Floats
) -> Floats:
    """The covariance of a sample from its sums; rounding never makes it negative."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return (products - first * second / size) / (size - 1)


def _adjusted(arm: dict[str, Floats], other: dict[str, Floats]) -> Difference:
    """The difference of means less what the same metric before explains (CUPED).

    After Deng, Xu, Kohavi and Walker (2013): the outcome less theta times the outcome
    before, with theta the slope within both arms together. Assignment does not depend
    on the time before, so this leaves the expected value unchanged and removes existing
    differences between customers. NaN if there was no difference before.
    """
    moments = []
    for sums in (arm, other):
        size, total, before = sums["customers"], sums["total"], sums["before_total"]
        moments.append(
            (
                _covariance(sums["squares"], total, total, size),
                _covariance(sums["before_squares"], before, before, size),
                _covariance(sums["products"], total, before, size),
            )
        )
    sizes = (arm["customers"], other["customers"])
    within = [
        sum((size - 1) * moment[i] for size, moment in zip(sizes, moments, strict=True))
        for i in (1, 2)
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        theta = np.where(within[0] > 0, within[1] / within[0], np.nan)
        sides = []
        for sums, moment in zip((arm, other), moments, strict=True):
            mean = (sums["total"] - theta * sums["before_total"]) / sums["customers"]
            variance = moment[0] + theta**2 * moment[1] - 2 * theta * moment[2]
            sides += [mean, np.maximum(variance, 0), sums["customers"]]
    return difference_of_means(*sides)


def _sample_ratio(table: pd.DataFrame) -> pd.Series:
    """Chi-square of the sizes of the arms of each experiment and metric."""

    def p_value(arms: pd.DataFrame) -> float:
        planned = arms["planned_share"] / arms["planned_share"].sum()
        if len(arms) < 2:
            return float("nan")
        expected = planned * arms["customers"].sum()
        return float(stats.chisquare(arms["customers"], expected).pvalue)

    found = {key: p_value(arms) for key, arms in table.groupby(_KEYS)}
    keys = zip(*(table[name] for name in _KEYS), strict=True)
    return pd.Series([found[key] for key in keys], index=table.index, dtype=float)
