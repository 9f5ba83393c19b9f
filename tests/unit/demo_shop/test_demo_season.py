"""The demo's clock and its draws."""

from __future__ import annotations

from datetime import date

import numpy as np

from demo_shop import randomness, season


def test_the_shop_lives_eighteen_months() -> None:
    assert season.day_of(0) == date(2024, 1, 1)
    assert season.day_of(season.LAST) == date(2025, 6, 30)
    assert season.day_number("2025-06-30") == season.LAST
    starts = season.month_starts()
    assert len(starts) == season.MONTHS + 1
    assert starts[0] == season.START_AT
    assert starts[-1] == season.END_AT


def test_months_of_moments() -> None:
    moments = np.array([season.START_AT, season.END_AT - 1, season.END_AT + 5])
    assert season.month_of(moments).tolist() == [0, 17, 17]


def test_drawn_days_stay_inside_their_bounds() -> None:
    rng = np.random.default_rng(1)
    low = rng.integers(-5, season.DAYS, 5_000)
    high = low + rng.integers(0, 60, 5_000)
    days = season.draw_days(rng, low, high)
    assert (days >= np.clip(low, 0, season.LAST)).all()
    assert (days <= np.clip(high, 0, season.LAST)).all()


def test_busy_days_are_drawn_oftener() -> None:
    rng = np.random.default_rng(1)
    november = season.day_number("2024-11-01")
    days = season.draw_days(
        rng, np.full(9_000, november), np.full(9_000, november + 29)
    )
    counts = np.bincount(days - november, minlength=30)
    assert counts[10] > 2 * np.median(counts)


def test_spread_keeps_shares_at_any_size() -> None:
    for count in (100, 999, 20_000):
        values = randomness.spread(np.arange(1, count + 1), 9, "story")
        assert abs((values < 0.3).sum() - 0.3 * count) <= 3


def test_streams_are_independent_and_repeatable() -> None:
    draws = {
        (chunk, name): randomness.stream(1, chunk, name).integers(1 << 40)
        for chunk in (0, 1)
        for name in ("orders", "plans")
    }
    assert len(set(draws.values())) == 4
    assert draws[0, "orders"] == randomness.stream(1, 0, "orders").integers(1 << 40)
