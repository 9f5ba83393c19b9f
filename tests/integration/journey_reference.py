"""Journeys and run-outs by brute force, straight from their definition.

One customer and one step at a time, in plain Python with exact fractions. Nothing is
shared with the models, and nothing is clever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from statistics import median

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_DAYS = 36_500
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Product:
    """What the catalogue says of a product."""

    product_id: str
    category: str | None
    consumption_days: int | None


@dataclass(frozen=True)
class Line:
    """A line of an order."""

    product_id: str
    quantity: Decimal
    is_sample: bool


@dataclass(frozen=True)
class Order:
    """An order; from the day on which it is cancelled it is not valid, nor ever was."""

    order_id: str
    day: date
    lines: tuple[Line, ...] = ()
    cancelled_on: date | None = None

    @property
    def is_sample(self) -> bool:
        """Whether it is for samples alone."""
        return bool(self.lines) and all(line.is_sample for line in self.lines)


@dataclass(frozen=True)
class Customer:
    """All that ever happens to a customer."""

    customer_id: str
    joined_on: date | None = None
    bound_on: date | None = None
    orders: tuple[Order, ...] = ()
    events: tuple[tuple[date, str], ...] = ()

    def valid_orders(self, today: date) -> list[Order]:
        """Return the orders that count on the day."""
        return [
            order
            for order in self.orders
            if order.day <= today
            and (order.cancelled_on is None or order.cancelled_on > today)
        ]

    def days_of(self, event: str, today: date) -> list[date]:
        """Return the days up to now on which the customer did it."""
        return [day for day, name in self.events if name == event and day <= today]


@dataclass(frozen=True)
class Step:
    """A row of journey_steps."""

    journey: str
    step: str
    anchor: str
    offset_days: int
    offset_mode: str
    grace_days: int
    channel: str = "wecom"
    exits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Post:
    """A row of moments_calendar."""

    journey: str
    week: int
    weekday: str


@dataclass(frozen=True)
class Touch:
    """A row of journey_touches."""

    touch_id: str
    customer_id: str
    journey: str
    step: str
    anchor_date: date
    due_date: date
    last_day: date
    channel: str
    decision: str
    reason: str


@dataclass(frozen=True)
class RunOut:
    """A row of customer_replenishment."""

    last_bought_on: date
    last_quantity: Decimal
    purchase_days: int
    days_per_unit: Decimal | None
    runs_out_on: date | None
    basis: str


RunOuts = Mapping[tuple[str, str], RunOut]


def rounded(number: Fraction, places: int) -> Decimal:
    """Round to so many places, halves up."""
    whole = (number * 10**places * 2 + 1) // 2
    return Decimal(int(whole)).scaleb(-places)


def purchases(customer: Customer, today: date) -> dict[str, dict[date, Decimal]]:
    """Return for each product the days on which it was bought, and how much."""
    found: dict[str, dict[date, Decimal]] = {}
    for order in customer.valid_orders(today):
        for line in order.lines:
            if line.quantity > 0:
                days = found.setdefault(line.product_id, {})
                days[order.day] = days.get(order.day, Decimal(0)) + line.quantity
    return found


def run_outs(
    customers: Sequence[Customer], products: Sequence[Product], today: date
) -> dict[tuple[str, str], RunOut]:
    """Return when each customer runs out of each product that they bought."""
    catalogue = {product.product_id: product for product in products}
    bought = {c.customer_id: purchases(c, today) for c in customers}
    gaps: dict[str, list[int]] = {}
    for of_customer in bought.values():
        for product_id, by_day in of_customer.items():
            category = catalogue[product_id].category
            days = sorted(by_day)
            for earlier, later in pairwise(days):
                if category is not None:
                    gaps.setdefault(category, []).append((later - earlier).days)
    return {
        (customer_id, product_id): _run_out(by_day, catalogue[product_id], gaps)
        for customer_id, of_customer in bought.items()
        for product_id, by_day in of_customer.items()
    }


def _run_out(
    by_day: Mapping[date, Decimal], product: Product, gaps: Mapping[str, list[int]]
) -> RunOut:
    days = sorted(by_day)
    last = days[-1]
    pace: Fraction | None
    if len(days) >= 3:
        basis = "own_gaps"
        units = sum(Fraction(by_day[day]) for day in days[:-1])
        pace = Fraction((last - days[0]).days) / units
    elif product.consumption_days is not None and product.consumption_days > 0:
        basis = "consumption_days"
        pace = Fraction(min(product.consumption_days, _LONGEST_DAYS))
    elif product.category in gaps:
        basis, pace = "category_median", Fraction(median(gaps[product.category]))
    else:
        basis, pace = "none", None
    if pace is None:
        return RunOut(last, by_day[last], len(days), None, None, basis)
    per_unit = rounded(pace, 4)
    supply = rounded(Fraction(per_unit) * Fraction(by_day[last]), 0)
    runs_out_on = last + timedelta(min(int(supply), _LONGEST_DAYS))
    return RunOut(last, by_day[last], len(days), per_unit, runs_out_on, basis)


def anchor_date(customer: Customer, anchor: str, today: date) -> date | None:
    """Return the day on which the clock started, last; None if it has not."""
    orders = customer.valid_orders(today)
    if anchor == "joined":
        days = [customer.joined_on] if customer.joined_on else []
    elif anchor == "wecom_added":
        days = customer.days_of("add_wecom", today)
        # Of who joins later nothing is known yet that a member's row says.
        is_known = customer.joined_on is None or customer.joined_on <= today
        days += [customer.bound_on] if customer.bound_on and is_known else []
        days = [min(days)] if days else []
    elif anchor == "ordered":
        days = [order.day for order in orders]
    else:
        wanted = anchor == "sample_ordered"
        days = [order.day for order in orders if order.is_sample == wanted]
    return max((day for day in days if day <= today), default=None)


def clock_date(
    customer: Customer, step: Step, started: date, today: date, known: RunOuts
) -> date | None:
    """Return the day from which the step's offset counts."""
    if step.offset_mode == "fixed":
        return started
    kinds = {
        "ordered": (True, False),
        "sample_ordered": (True,),
        "full_size_ordered": (False,),
    }[step.anchor]
    dates = [
        known[customer.customer_id, line.product_id].runs_out_on
        for order in customer.valid_orders(today)
        for line in order.lines
        if order.day == started
        and order.is_sample in kinds
        and line.quantity > 0
        and line.is_sample == order.is_sample
    ]
    return min((each for each in dates if each is not None), default=None)


def left(
    customer: Customer,
    exits: Collection[str],
    anchor: str,
    started: date,
    today: date,
) -> tuple[date, str] | None:
    """Return when and by what the customer first left the journey."""
    orders = customer.valid_orders(today)
    of_orders = anchor in ("ordered", "sample_ordered", "full_size_ordered")
    found: list[tuple[date, str]] = []
    for name in exits:
        if name == "first_order":
            found += [(order.day, name) for order in orders]
        elif name == "new_order":
            found += [
                (order.day, name)
                for order in orders
                if order.day > started or (order.day == started and not of_orders)
            ]
        elif name == "full_size_order":
            from_day = (
                started + _DAY
                if anchor in ("ordered", "full_size_ordered")
                else started
            )
            found += [
                (order.day, name)
                for order in orders
                if not order.is_sample and order.day >= from_day
            ]
        else:
            days = customer.days_of(name, today)
            found += [(day, name) for day in days if day >= started]
    return min(found, default=None)


def touches(
    customer: Customer,
    steps: Sequence[Step],
    posts: Sequence[Post],
    today: date,
    sent: Collection[str],
    known: RunOuts,
) -> Iterator[Touch]:
    """Yield what is due for the customer on the day."""
    for step in steps:
        started = anchor_date(customer, step.anchor, today)
        if started is None:
            continue
        clock = clock_date(customer, step, started, today, known)
        if clock is None:
            continue
        due = clock + timedelta(step.offset_days)
        last = due + timedelta(step.grace_days)
        if started <= due <= today <= last:
            yield from _unless_sent(
                customer, step, step.exits, started, due, last, today, sent
            )
    for post in posts:
        of_journey = [step for step in steps if step.journey == post.journey]
        exits = {name for step in of_journey for name in step.exits}
        anchor = of_journey[0].anchor
        started = anchor_date(customer, anchor, today)
        if started is None:
            continue
        week = [started + timedelta(7 * (post.week - 1) + n) for n in range(7)]
        due = next(d for d in week if WEEKDAYS[d.weekday()] == post.weekday)
        if due == today:
            step = Step(
                *(post.journey, f"moments_w{post.week}_{post.weekday}", anchor),
                *(0, "fixed", 0, "moments"),
            )
            yield from _unless_sent(
                customer, step, exits, started, due, due, today, sent
            )


def _unless_sent(
    customer: Customer,
    step: Step,
    exits: Collection[str],
    started: date,
    due: date,
    last: date,
    today: date,
    sent: Collection[str],
) -> Iterator[Touch]:
    touch_id = f"{step.step}-{customer.customer_id}"
    if step.anchor != "joined":
        touch_id += f"-{started:%Y%m%d}"
    if touch_id in sent:
        return
    exit_fact = left(customer, exits, step.anchor, started, today)
    late = (today - due).days
    if exit_fact is not None:
        day, name = exit_fact
        decision, reason = "suppress", f"left: {name.replace('_', ' ')} on {day}"
    elif late == 0:
        decision, reason = "send", "due today"
    else:
        days = "1 day" if late == 1 else f"{late} days"
        decision, reason = "send", f"catching up, {days} late"
    yield Touch(
        touch_id,
        customer.customer_id,
        step.journey,
        step.step,
        started,
        due,
        last,
        step.channel,
        decision,
        reason,
    )
