"""The statistics of profiles, against counting and against textbook values."""

from __future__ import annotations

from math import comb

import pandas as pd
import pytest
from scipy import stats

from pipeline.measurement.profile import profile_statistics


def counts(*rows: tuple[int, int, int, int]) -> pd.DataFrame:
    """A table of counts: found, audience, found in all, all."""
    names = ["customers", "audience_customers", "base_customers", "base_total"]
    return pd.DataFrame(rows, columns=names)


def test_index_and_shares() -> None:
    """30 of 60 against 100 of 400: twice the share."""
    (row,) = profile_statistics(counts((30, 60, 100, 400))).to_dict("records")

    assert (row["share"], row["base_share"], row["tgi"]) == (0.5, 0.25, 200.0)
    low, high = stats.binomtest(30, 60).proportion_ci(method="exact")
    assert row["ci_low"] == pytest.approx(400 * low)
    assert row["ci_high"] == pytest.approx(400 * high)
    assert row["significant"]


def test_nobody_and_everybody_have_intervals() -> None:
    nobody, everybody = profile_statistics(
        counts((0, 10, 50, 100), (10, 10, 50, 100))
    ).to_dict("records")

    assert (nobody["tgi"], nobody["ci_low"]) == (0, 0)
    assert 0 < nobody["ci_high"] < 100
    assert (everybody["tgi"], everybody["ci_high"]) == (200, 200)
    assert 100 < everybody["ci_low"] < 200


def test_p_value_is_that_of_drawing_at_random() -> None:
    """Counted out: 3 of 4 drawn from 10 of whom 5 have the value."""
    (row,) = profile_statistics(counts((3, 4, 5, 10))).to_dict("records")

    at_least = sum(comb(5, n) * comb(5, 4 - n) for n in (3, 4)) / comb(10, 4)
    assert row["p_value"] == pytest.approx(min(1, 2 * at_least))


def test_many_comparisons_are_corrected() -> None:
    """One small p-value among a hundred chances is no finding."""
    chance = (25, 100, 2_500, 10_000)
    odd = (36, 100, 2_500, 10_000)
    alone = profile_statistics(counts(odd))
    among = profile_statistics(counts(odd, *[chance] * 99))

    assert alone["significant"].tolist() == [True]
    assert not among["significant"].any()


def test_everybody_together_is_no_different() -> None:
    (row,) = profile_statistics(counts((5, 20, 5, 20))).to_dict("records")

    assert (row["tgi"], row["p_value"], row["significant"]) == (100, 1, False)


def test_nothing_counted_gives_nothing() -> None:
    assert profile_statistics(counts()).empty
