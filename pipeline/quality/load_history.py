"""Comparing new loads of a source with earlier ones; `volume.py` explains how."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.quality.sql import plural

EARLIER_LOADS = 5
RATIO = 3.0  # a third to three times the usual is accepted
SPREADS = 5.0  # this many robust standard deviations
SPREAD_OF_MAD = 1.4826  # turns a median absolute deviation into a standard deviation
NOISE = 4.0  # this many standard deviations of pure counting noise
SMALL_SHARE = 0.01  # a share of rejected rows that is always accepted
SHORTEST_GAP_DAYS = 2


@dataclass(frozen=True)
class LoadFact:
    """One load as in the load log; times are UTC, with or without a timezone.

    ``first_fact`` and ``last_fact`` are the times of the earliest and latest accepted
    row, None where the entity's rows have no time.
    """

    source: str
    entity: str
    load_id: str
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    first_fact: datetime | None
    last_fact: datetime | None
    loaded_at: datetime


@dataclass(frozen=True)
class Finding:
    """The finding for one source: a sentence, and a row for each exception."""

    sentence: str
    exceptions: tuple[dict[str, Any], ...] = ()


def volume(source: Sequence[LoadFact], new: set[str], zone: ZoneInfo) -> Finding:
    """Compare rows a day of facts, load by load."""
    arrived = [load for load in source if load.load_id in new]
    earlier = [_rows_a_day(load, zone) for load in source if load.load_id not in new]
    if not arrived:
        return Finding("nothing new.")
    if len(earlier) < EARLIER_LOADS:
        return _not_enough(len(earlier))
    low, usual, high = _usual_range(earlier)
    rates = {load.load_id: _rows_a_day(load, zone) for load in arrived}
    exceptions = tuple(
        {
            "source": load.source,
            "load_id": load.load_id,
            "rows": load.rows_accepted,
            "rows_a_day": round(rates[load.load_id], 1),
            "usual_rows_a_day": round(usual, 1),
        }
        for load in sorted(arrived, key=lambda load: -abs(rates[load.load_id] - usual))
        if not low <= rates[load.load_id] <= high
    )
    return Finding(
        f"{plural(len(arrived), 'new load')} of {_number(min(rates.values()))} to "
        f"{_number(max(rates.values()))} rows a day of facts; usual {_number(usual)}, "
        f"accepted {_number(low)} to {_number(high)} ({len(earlier)} earlier loads).",
        exceptions,
    )


def _usual_range(values: Sequence[float]) -> tuple[float, float, float]:
    """The lower bound, the median and the upper bound of the usual range."""
    usual = median(values)
    spread = SPREAD_OF_MAD * median(abs(value - usual) for value in values)
    slack = max(SPREADS * spread, NOISE * math.sqrt(max(usual, 1.0)))
    low = min(usual / RATIO, usual - slack)
    return max(low, 0.0), usual, max(usual * RATIO, usual + slack)


def quarantine(source: Sequence[LoadFact], new: set[str]) -> Finding:
    """Compare the share of rejected rows, all new loads together."""
    arrived = [load for load in source if load.load_id in new]
    earlier = [_share([load]) for load in source if load.load_id not in new]
    read = sum(load.rows_read for load in arrived)
    if not read:
        return Finding("nothing new.")
    if len(earlier) < EARLIER_LOADS:
        return _not_enough(len(earlier))
    share, usual = _share(arrived), median(earlier)
    spread = SPREAD_OF_MAD * median(abs(value - usual) for value in earlier)
    noise = NOISE * math.sqrt(max(usual * (1 - usual), 0.0) / read)
    high = max(SMALL_SHARE, usual * RATIO, usual + SPREADS * spread, usual + noise)
    sentence = (
        f"{share:.2%} of {plural(read)} rejected; usual {usual:.2%}, accepted up to "
        f"{min(high, 1.0):.2%} ({len(earlier)} earlier loads)."
    )
    if share <= high:
        return Finding(sentence)
    worst = sorted(arrived, key=lambda load: (-_share([load]), load.load_id))
    return Finding(
        sentence,
        tuple(
            {
                "source": load.source,
                "load_id": load.load_id,
                "rows_read": load.rows_read,
                "rows_quarantined": load.rows_quarantined,
            }
            for load in worst
            if load.rows_quarantined
        ),
    )


def freshness(source: Sequence[LoadFact], as_of: date, zone: ZoneInfo) -> Finding:
    """Compare the time since the last fact with the usual gap."""
    days = [
        (_day(load.first_fact, zone), _day(load.last_fact, zone))
        for load in source
        if load.first_fact and load.last_fact
    ]
    seen = [min(last, as_of) for first, last in days if first <= as_of]
    if not seen:
        return Finding("no facts with a time up to the as-of date.")
    last = max(seen)
    lag = (as_of - last).days
    steps = sorted({end for _, end in days if end <= as_of})
    gaps = [(b - a).days for a, b in pairwise(steps)]
    if len(gaps) < EARLIER_LOADS:
        return Finding(f"last fact on {last}; {_not_enough(len(gaps)).sentence}")
    usual = median(gaps)
    spread = SPREAD_OF_MAD * median(abs(gap - usual) for gap in gaps)
    allowed = max(SHORTEST_GAP_DAYS, 2 * usual, usual + SPREADS * spread)
    sentence = (
        f"last fact on {last}, {plural(lag, 'day')} before the as-of date; usually "
        f"{_number(usual)} from load to load, accepted up to {_number(allowed)}."
    )
    if lag <= allowed:
        return Finding(sentence)
    row = {
        "source": source[0].source,
        "last_fact_date": last,
        "days_ago": lag,
        "usual_gap_days": usual,
    }
    return Finding(sentence, (row,))


def future(
    source: Sequence[LoadFact], new: set[str], as_of: date, zone: ZoneInfo
) -> Finding:
    """Facts dated after their loading, in new loads or still after the as-of date.

    Those of older loads no longer matter once their day has come.
    """
    exceptions = tuple(
        {
            "source": load.source,
            "load_id": load.load_id,
            "last_fact_date": _day(load.last_fact, zone),
            "loaded_on": _day(load.loaded_at, zone),
        }
        for load in source
        if load.last_fact
        and _day(load.last_fact, zone) > _day(load.loaded_at, zone)
        and (load.load_id in new or _day(load.last_fact, zone) > as_of)
    )
    if not exceptions:
        return Finding("none.")
    return Finding(f"{plural(len(exceptions), 'load')} with later facts.", exceptions)


def _rows_a_day(load: LoadFact, zone: ZoneInfo) -> float:
    if load.first_fact is None or load.last_fact is None:
        return float(load.rows_accepted)
    days = (_day(load.last_fact, zone) - _day(load.first_fact, zone)).days + 1
    return load.rows_accepted / max(days, 1)


def _share(loads: Sequence[LoadFact]) -> float:
    read = sum(load.rows_read for load in loads)
    return sum(load.rows_quarantined for load in loads) / read if read else 0.0


def _not_enough(earlier: int) -> Finding:
    return Finding(f"not enough history ({earlier} of {EARLIER_LOADS} earlier loads).")


def utc(moment: datetime) -> datetime:
    """Return ``moment`` in UTC; without a timezone it is already UTC."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return utc(moment).astimezone(zone).date()


def _number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")
