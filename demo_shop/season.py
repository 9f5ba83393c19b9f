"""The demo shop's clock: its life span, its busy days and its busy hours.

Times are *wall seconds*: seconds since 1970-01-01 00:00 as the shop's own clock shows
them. The shop's zone, Asia/Shanghai, has had no daylight saving since 1991, so wall
seconds minus ``UTC_OFFSET`` are UTC. Days are numbered from 0, the shop's first day.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
IntLike = Ints | int

FIRST_DAY = date(2024, 1, 1)
LAST_DAY = date(2025, 6, 30)
DAYS = (LAST_DAY - FIRST_DAY).days + 1
LAST = DAYS - 1
MONTHS = 18

DAY = 86_400
HOUR = 3_600
UTC_OFFSET = 8 * HOUR
START_AT = (FIRST_DAY - date(1970, 1, 1)).days * DAY
END_AT = START_AT + DAYS * DAY
NEVER = -1
FOREVER = END_AT + 365 * DAY
# A time that no run reaches soon, but within the accepted bounds.
WRONG_CLOCK_AT = END_AT + 60 * 365 * DAY

# The stores stay closed for stock-taking.
CLOSED_DAY = (date(2025, 6, 24) - FIRST_DAY).days

# First and last day of a season, and its factor on sales.
_SEASONS = (
    ("2024-01-22", "2024-02-05", 1.4),
    ("2024-02-09", "2024-02-17", 0.4),
    ("2024-03-05", "2024-03-08", 1.9),
    ("2024-05-18", "2024-05-20", 1.6),
    ("2024-06-01", "2024-06-15", 1.4),
    ("2024-06-16", "2024-06-18", 3.2),
    ("2024-08-08", "2024-08-10", 1.4),
    ("2024-09-07", "2024-09-09", 1.6),
    ("2024-10-21", "2024-11-09", 1.4),
    ("2024-11-10", "2024-11-11", 4.5),
    ("2024-12-11", "2024-12-12", 2.0),
    ("2025-01-08", "2025-01-22", 1.4),
    ("2025-01-28", "2025-02-05", 0.4),
    ("2025-03-05", "2025-03-08", 1.9),
    ("2025-05-18", "2025-05-20", 1.6),
    ("2025-06-01", "2025-06-15", 1.4),
    ("2025-06-16", "2025-06-18", 3.2),
)
_WEEKDAYS = (0.90, 0.92, 0.95, 0.98, 1.08, 1.20, 1.15)
_ONLINE_HOURS = (
    *(1.2, 0.6, 0.3, 0.2, 0.2, 0.3, 0.8, 1.6, 2.4, 3.2, 4.0, 4.2),
    *(4.8, 4.4, 3.6, 3.4, 3.4, 3.4, 3.8, 5.0, 6.8, 7.6, 6.4, 3.4),
)
_STORE_HOURS = (
    *(0.0,) * 10,
    *(2.0, 3.0, 3.0, 2.5, 3.5, 4.0, 4.0, 4.0),
    5.0,
    6.0,
    5.0,
    3.0,
)


def day_number(day: date | str) -> int:
    """Return the number of a calendar day, given as a date or as ``YYYY-MM-DD``."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return (day - FIRST_DAY).days


def day_of(number: int) -> date:
    """Return the calendar day of a day number."""
    return FIRST_DAY + timedelta(days=number)


def wall(day: IntLike, second: IntLike = 0) -> Any:
    """Return wall seconds of a day number and a second of that day, also for arrays."""
    return START_AT + day * DAY + second


def day_at(at: Ints) -> Ints:
    """Return the day number of wall seconds."""
    return (at - START_AT) // DAY


def _day_weights() -> Floats:
    """Return the weight of each day: growth, weekday, season."""
    weights: Floats = np.linspace(1.0, 1.7, DAYS)
    weekdays = (FIRST_DAY.weekday() + np.arange(DAYS)) % 7
    weights *= np.asarray(_WEEKDAYS)[weekdays]
    for first, last, factor in _SEASONS:
        weights[day_number(first) : day_number(last) + 1] *= factor
    return weights


def _cumulative(weights: npt.ArrayLike) -> Floats:
    """Return the cumulative shares of the weights, with a leading zero."""
    total: Floats = np.concatenate([[0.0], np.cumsum(weights, dtype=np.float64)])
    shares: Floats = total / total[-1]
    return shares


_DAY_CDF = _cumulative(_day_weights())
_ONLINE_CDF = _cumulative(_ONLINE_HOURS)
_STORE_CDF = _cumulative(_STORE_HOURS)


def draw_days(rng: np.random.Generator, low: Ints, high: Ints) -> Ints:
    """Draw a day per row from ``low`` to ``high``, inclusive; busy days more often."""
    low = np.clip(low, 0, LAST)
    high = np.clip(high, low, LAST)
    start, stop = _DAY_CDF[low], _DAY_CDF[high + 1]
    found = np.searchsorted(
        _DAY_CDF, start + rng.random(len(low)) * (stop - start), "right"
    )
    return np.clip(found - 1, low, high)


def draw_seconds(
    rng: np.random.Generator, count: int, *, in_store: bool = False
) -> Ints:
    """Draw seconds of the day by the hours in which people shop."""
    hours = _STORE_CDF if in_store else _ONLINE_CDF
    hour = np.searchsorted(hours, rng.random(count), "right") - 1
    return hour * HOUR + rng.integers(0, HOUR, count)


def month_starts() -> Ints:
    """Return wall seconds of the first moment of each month, and of the end."""
    first = [
        day_number(f"{FIRST_DAY.year + month // 12}-{month % 12 + 1:02d}-01")
        for month in range(MONTHS)
    ]
    return np.append(START_AT + np.array(first, dtype=np.int64) * DAY, END_AT)


def month_of(at: Ints) -> Ints:
    """Return the month number of wall seconds; later times count as the last month."""
    return np.minimum(np.searchsorted(month_starts(), at, "right") - 1, MONTHS - 1)
