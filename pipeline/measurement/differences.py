"""How two groups differ: the difference, its 95 % interval, and its p-value.

Functions take and return arrays; a comparison without a meaning, such as one with an
empty group, is NaN.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

CONFIDENCE = 0.95
Floats = npt.NDArray[np.float64]


class Difference(NamedTuple):
    """One difference for each pair of groups, with its interval and p-value."""

    value: Floats
    ci_low: Floats
    ci_high: Floats
    p_value: Floats


def difference_of_rates(
    found: Floats, size: Floats, other_found: Floats, other_size: Floats
) -> Difference:
    """Compare the rate ``found / size`` with that of the other group.

    The interval is Newcombe's (1998, method 10), made of Wilson's intervals of both
    rates: it covers 95 % even if a rate is near zero, as conversion rates are.
    The two-sided p-value is that of the chi-square test without a correction, and 1
    where both rates are 0 or both are 1.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        rate, other = found / size, other_found / other_size
        value = rate - other
        low, high = _wilson(rate, size)
        other_low, other_high = _wilson(other, other_size)
        below = np.hypot(rate - low, other_high - other)
        above = np.hypot(high - rate, other - other_low)
        pooled = (found + other_found) / (size + other_size)
        spread = pooled * (1 - pooled) * (1 / size + 1 / other_size)
        score = np.where(spread > 0, value / np.sqrt(spread), value)
    return Difference(
        value, value - below, value + above, 2 * stats.norm.sf(abs(score))
    )


def difference_of_means(
    mean: Floats,
    variance: Floats,
    size: Floats,
    other_mean: Floats,
    other_variance: Floats,
    other_size: Floats,
) -> Difference:
    """Compare a mean with that of the other group, without assuming equal variances.

    Interval and two-sided p-value are Welch's (1947). ``variance`` is that of the
    sample. If neither group varies, chance cannot be estimated: the interval and the
    p-value are NaN.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = mean - other_mean
        part, other_part = variance / size, other_variance / other_size
        squared = part + other_part
        degrees = squared**2 / (part**2 / (size - 1) + other_part**2 / (other_size - 1))
        error = np.where(squared > 0, np.sqrt(squared), np.nan)
        half = stats.t.ppf((1 + CONFIDENCE) / 2, degrees) * error
        p_value = 2 * stats.t.sf(abs(value / error), degrees)
    return Difference(value, value - half, value + half, p_value)


def _wilson(rate: Floats, size: Floats) -> tuple[Floats, Floats]:
    """The interval of a rate (Wilson 1927)."""
    z = stats.norm.ppf((1 + CONFIDENCE) / 2)
    middle = rate + z**2 / (2 * size)
    half = z * np.sqrt(rate * (1 - rate) / size + z**2 / (4 * size**2))
    return (middle - half) / (1 + z**2 / size), (middle + half) / (1 + z**2 / size)
