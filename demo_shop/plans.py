"""When customers buy: one plan row per order, by the story of the customer.

A plan has the customer, the day, and what the order must fulfil for the story to hold.
``orders`` draws what is in the basket.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_shop.catalogue import CATALOGUE
from demo_shop.customers import Customers
from demo_shop.outreach import Arms, Outreach
from demo_shop.randomness import chance, stream
from demo_shop.season import LAST, Bools, Ints, day_at, draw_days
from demo_shop.stories import BEFORE_SILENCE

GUEST = -1
_GUEST_SHARE = 0.12
# Causes other than a comparison's position in ``Outreach.arms``.
NO_CAUSE = -1


@dataclass
class Plan:
    """Planned orders, in parallel arrays.

    ``customer`` is a position in the chunk or ``GUEST``. A ``kept`` order is neither
    cancelled nor refunded; a ``sample`` order holds the sample of the main product; a
    ``main`` order starts with the main product. ``cause`` is the comparison that caused
    it, by position in ``Outreach.arms``.
    """

    customer: Ints
    day: Ints
    kept: Bools
    sample: Bools
    main: Bools
    cause: Ints

    def __len__(self) -> int:
        return len(self.customer)


def draw_plans(seed: int, chunk: int, customers: Customers, outreach: Outreach) -> Plan:
    """Draw all orders of a chunk, including those of guests."""
    rng = stream(seed, chunk, "plans")
    parts = [
        _once(rng, customers),
        _lapsed(rng, customers),
        _casual(rng, customers),
        _monthly(rng, customers),
        _replenishing(rng, customers),
        *_enthusiasts(rng, customers),
        *_reactivated(rng, customers),
        *_sample_buyers(rng, customers),
        *(_caused(rng, arms, cause) for cause, arms in enumerate(outreach.arms)),
        _guests(rng, len(customers)),
    ]
    return _join(parts)


def _plan(
    customer: Ints,
    day: Ints,
    *,
    kept: Bools | bool = False,
    sample: bool = False,
    main: Bools | bool = False,
    cause: int = NO_CAUSE,
) -> Plan:
    count = len(customer)

    def whole(value: Bools | bool) -> Bools:
        return np.broadcast_to(np.asarray(value, dtype=np.bool_), count)

    return Plan(
        customer,
        day,
        whole(kept),
        whole(sample),
        whole(main),
        np.full(count, cause, dtype=np.int64),
    )


def _join(parts: list[Plan]) -> Plan:
    names = ("customer", "day", "kept", "sample", "main", "cause")
    return Plan(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def _repeat(
    rng: np.random.Generator, rows: Ints, fewest: int, most: int
) -> tuple[Ints, Bools]:
    """Repeat each row a random number of times; also mark the first of each."""
    times = rng.integers(fewest, most + 1, len(rows))
    repeated = np.repeat(rows, times)
    is_first = np.ones(len(repeated), dtype=np.bool_)
    is_first[1:] = repeated[1:] != repeated[:-1]
    return repeated, is_first


def _scatter(
    rng: np.random.Generator,
    customers: Customers,
    rows: Ints,
    fewest: int,
    most: int,
    last: int,
) -> Plan:
    """Scatter orders between registration and a last day; the first one is kept."""
    repeated, is_first = _repeat(rng, rows, fewest, most)
    low = customers.registered_day[repeated] + 1
    day = draw_days(rng, low, np.full(len(repeated), last, dtype=np.int64))
    return _plan(repeated, day, kept=is_first, main=chance(rng, 0.35, len(repeated)))


def _once(rng: np.random.Generator, customers: Customers) -> Plan:
    """One order: newcomers in the last weeks, one-time buyers long ago."""
    new, old = customers.of_story("newcomer"), customers.of_story("one_time")
    low = np.maximum(customers.registered_day[new] + 1, LAST - 24)
    recent = draw_days(rng, low, np.full(len(new), LAST - 2, dtype=np.int64))
    latest = np.full(len(old), LAST - BEFORE_SILENCE, dtype=np.int64)
    # Most buy within two months of joining.
    latest = np.minimum(
        latest, customers.registered_day[old] + rng.integers(5, 60, len(old))
    )
    past = draw_days(rng, customers.registered_day[old] + 1, latest)
    return _plan(np.concatenate([new, old]), np.concatenate([recent, past]), kept=True)


def _lapsed(rng: np.random.Generator, customers: Customers) -> Plan:
    rows = customers.of_story("lapsed")
    return _scatter(rng, customers, rows, 2, 6, LAST - BEFORE_SILENCE)


def _casual(rng: np.random.Generator, customers: Customers) -> Plan:
    return _scatter(rng, customers, customers.of_story("casual"), 2, 6, LAST - 1)


def _monthly(rng: np.random.Generator, customers: Customers) -> Plan:
    """Count back from the end in steps of 30 days, so that no window stays empty."""
    rows = customers.of_story("continuous")
    steps = np.arange(LAST // 30)
    back = rng.integers(8, 22, len(rows))[:, None] + 30 * steps[None, :]
    day = LAST - back + rng.integers(-4, 5, back.shape)
    fits = day > customers.registered_day[rows][:, None]
    customer = np.repeat(rows, fits.sum(axis=1))
    kept = np.broadcast_to(steps < 4, day.shape)[fits]
    main = chance(rng, 0.85, len(customer))
    return _plan(customer, day[fits], kept=kept, main=main)


def _replenishing(rng: np.random.Generator, customers: Customers) -> Plan:
    """Come back whenever the main product has run out, give or take a tenth."""
    rows = customers.of_story("replenisher")
    rhythm = CATALOGUE.consumption_days[customers.main_product[rows]]
    gaps = rhythm[:, None] * np.clip(rng.normal(1.0, 0.1, (len(rows), 14)), 0.7, 1.3)
    gaps[:, 0] = rng.uniform(1, 20, len(rows))
    day = customers.registered_day[rows][:, None] + np.cumsum(gaps, axis=1)
    fits = day < LAST
    customer = np.repeat(rows, fits.sum(axis=1))
    return _plan(customer, day[fits].astype(np.int64), main=True)


def _enthusiasts(rng: np.random.Generator, customers: Customers) -> list[Plan]:
    """Two or three orders in the last 60 days, none in the 30 days before those."""
    rows = customers.of_story("enthusiast")
    recent, _ = _repeat(rng, rows, 2, 3)
    day = LAST - rng.integers(3, 56, len(recent))
    older = rows[customers.registered_day[rows] < LAST - 110]
    return [
        _plan(recent, day, kept=True, main=chance(rng, 0.5, len(recent))),
        _scatter(rng, customers, older, 0, 3, LAST - 96),
    ]


def _reactivated(rng: np.random.Generator, customers: Customers) -> list[Plan]:
    """Some orders, more than 180 days without, and one in the last weeks."""
    rows = customers.of_story("reactivated")
    back = LAST - rng.integers(3, 21, len(rows))
    return [
        _scatter(rng, customers, rows, 1, 4, LAST - 215),
        _plan(rows, back, kept=True),
    ]


def _sample_buyers(rng: np.random.Generator, customers: Customers) -> list[Plan]:
    """A sample in the first days; half of them go on to the full size."""
    only, converted = (
        customers.of_story(name) for name in ("sample_only", "sample_converted")
    )
    both = np.concatenate([only, converted])
    sampled = customers.registered_day[both] + rng.integers(1, 3, len(both))
    full = customers.registered_day[converted] + rng.integers(12, 36, len(converted))
    later, _ = _repeat(rng, converted, 0, 4)
    low = customers.registered_day[later] + 40
    again = draw_days(rng, low, np.full(len(later), LAST - 1, dtype=np.int64))
    return [
        _plan(both, sampled, kept=True, sample=True),
        _plan(converted, full, kept=True, main=True),
        _plan(later, again, main=chance(rng, 0.4, len(later))),
    ]


def _caused(rng: np.random.Generator, arms: Arms, cause: int) -> Plan:
    """Orders that would not have been placed without the message."""
    treated = np.flatnonzero(arms.is_treated)
    moved = treated[chance(rng, arms.uplift, len(treated))]
    day = day_at(arms.started_at[moved]) + rng.integers(1, 11, len(moved))
    return _plan(arms.customer[moved], day, kept=True, cause=cause)


def _guests(rng: np.random.Generator, customers: int) -> Plan:
    """Orders without a customer, mostly at the till."""
    count = round(_GUEST_SHARE * customers)
    low, high = np.zeros(count, np.int64), np.full(count, LAST, np.int64)
    return _plan(np.full(count, GUEST, dtype=np.int64), draw_days(rng, low, high))
