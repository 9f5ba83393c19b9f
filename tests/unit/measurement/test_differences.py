"""Differences against scipy, published figures, and counting out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pipeline.measurement.differences import (
    Difference,
    difference_of_means,
    difference_of_rates,
)


def rates(found: int, size: int, other_found: int, other_size: int) -> Difference:
    numbers = (found, size, other_found, other_size)
    return difference_of_rates(*(np.array([float(n)]) for n in numbers))


def means(sample: list[float], other: list[float]) -> Difference:
    numbers = []
    for values in (sample, other):
        variance = np.var(values, ddof=1) if len(values) > 1 else np.nan
        numbers += [np.mean(values), variance, len(values)]
    return difference_of_means(*(np.array([float(n)]) for n in numbers))


@pytest.mark.parametrize(
    ("counts", "interval"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((10, 10, 0, 20), (0.6791, 1.0000)),
        ((10, 10, 0, 10), (0.6075, 1.0000)),
    ],
)
def test_interval_of_rates_is_the_published_one(
    counts: tuple[int, int, int, int], interval: tuple[float, float]
) -> None:
    """Cases (a), (b), (g) and (h) of Newcombe (1998), table II, method 10."""
    found = rates(*counts)

    assert (found.ci_low[0], found.ci_high[0]) == pytest.approx(interval, abs=5e-5)


def test_p_value_of_rates_is_that_of_the_chi_square_test() -> None:
    found = rates(37, 144, 38, 179)

    table = [[37, 144 - 37], [38, 179 - 38]]
    expected = stats.chi2_contingency(table, correction=False).pvalue
    assert found.p_value[0] == pytest.approx(expected)
    assert found.value[0] == pytest.approx(37 / 144 - 38 / 179)


@pytest.mark.parametrize("counts", [(0, 10, 0, 20), (10, 10, 20, 20)])
def test_equal_rates_at_the_edge_are_no_difference(
    counts: tuple[int, int, int, int],
) -> None:
    found = rates(*counts)

    assert (found.value[0], found.p_value[0]) == (0, 1)
    assert found.ci_low[0] < 0 < found.ci_high[0]


@pytest.mark.parametrize("counts", [(0, 0, 3, 20), (3, 20, 0, 0)])
def test_an_empty_group_says_nothing(counts: tuple[int, int, int, int]) -> None:
    assert np.isnan(np.array(rates(*counts))).all()


_GROUP = st.integers(1, 300).flatmap(
    lambda size: st.tuples(st.integers(0, size), st.just(size))
)


@given(_GROUP, _GROUP)
def test_interval_of_rates_holds_the_difference_and_turns_round(
    group: tuple[int, int], other: tuple[int, int]
) -> None:
    """Within -1 and 1, and the same from the other side."""
    found, turned = rates(*group, *other), rates(*other, *group)

    assert -1 - 1e-9 <= found.ci_low[0] <= found.value[0] + 1e-9
    assert found.value[0] - 1e-9 <= found.ci_high[0] <= 1 + 1e-9
    assert found.ci_low[0] == pytest.approx(-turned.ci_high[0])
    assert found.p_value[0] == pytest.approx(turned.p_value[0])


_AMOUNTS = st.lists(st.integers(0, 10_000).map(float), min_size=2, max_size=30)


@given(_AMOUNTS, _AMOUNTS)
def test_means_are_compared_as_scipy_does(
    sample: list[float], other: list[float]
) -> None:
    found = means(sample, other)

    if np.ptp(sample) == 0 and np.ptp(other) == 0:
        assert np.isnan([found.ci_low[0], found.ci_high[0], found.p_value[0]]).all()
        return
    expected = stats.ttest_ind(sample, other, equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert found.value[0] == pytest.approx(np.mean(sample) - np.mean(other))
    assert found.p_value[0] == pytest.approx(expected.pvalue)
    assert found.ci_low[0] == pytest.approx(interval.low)
    assert found.ci_high[0] == pytest.approx(interval.high)


def test_one_customer_alone_has_no_interval() -> None:
    found = means([5.0], [1.0, 2.0])

    assert found.value[0] == 3.5
    assert np.isnan([found.ci_low[0], found.ci_high[0], found.p_value[0]]).all()
