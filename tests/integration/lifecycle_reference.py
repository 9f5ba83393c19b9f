"""Lifecycle states by brute force, straight from their definition.

Every day is looked at on its own, with the orders up to it. Nothing is shared with the
models, and nothing is clever; ratios are exact fractions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from statistics import median

NO_STATE = "none"
OPENING = "the ledger begins"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Order:
    """A valid order."""

    order_id: str
    day: date
    amount: Decimal


@dataclass(frozen=True)
class Rule:
    """A row of the rule file; its fields are its columns, in order."""

    priority: int
    state: str
    min_orders: int | None = None
    max_orders: int | None = None
    min_days_since_last: int | None = None
    max_days_since_last: int | None = None
    min_days_since_first: int | None = None
    max_days_since_first: int | None = None
    min_previous_gap_days: int | None = None
    min_gap_ratio: Decimal | None = None
    max_gap_ratio: Decimal | None = None
    min_avg_amount: Decimal | None = None
    max_avg_amount: Decimal | None = None


@dataclass(frozen=True)
class Customer:
    """Since when a customer is known, if that is known, and the orders."""

    customer_id: str
    known: date | None
    orders: tuple[Order, ...]


class Facts:
    """What is known of a customer's orders up to a day."""

    def __init__(self, orders: Iterable[Order]) -> None:
        self.all = sorted(orders, key=lambda order: (order.day, order.order_id))
        self.dates = sorted({order.day for order in self.all})
        self.gaps = gaps_of(self.dates)
        self.average = (
            Fraction(sum(order.amount for order in self.all)) / len(self.all)
            if self.all
            else None
        )
        own = len(self.dates) >= 3
        self.own_interval = Fraction(median(self.gaps)) if own else None

    def order_of(self, day: date) -> str:
        """Return the first order of the day."""
        return next(order.order_id for order in self.all if order.day == day)


def gaps_of(dates: Sequence[date]) -> list[int]:
    """Return the days between each date and the next."""
    return [(later - earlier).days for earlier, later in pairwise(dates)]


def facts_on(customer: Customer, day: date) -> Facts:
    """Return what is known of the customer on the day."""
    return Facts(order for order in customer.orders if order.day <= day)


def shop_interval(customers: Iterable[Customer], day: date) -> Fraction | None:
    """Return the median of all gaps of all customers up to the day."""
    gaps = [gap for each in customers for gap in facts_on(each, day).gaps]
    return Fraction(median(gaps)) if gaps else None


def holds(rule: Rule, facts: Facts, day: date, shop: Fraction | None) -> bool:
    """Whether all conditions of the rule hold; what is not there fulfils none."""
    last = (day - facts.dates[-1]).days if facts.dates else None
    first = (day - facts.dates[0]).days if facts.dates else None
    gap = facts.gaps[-1] if facts.gaps else None
    return (
        _inside(rule.min_orders, len(facts.all), rule.max_orders)
        and _inside(rule.min_days_since_last, last, rule.max_days_since_last)
        and _inside(rule.min_days_since_first, first, rule.max_days_since_first)
        and _inside(rule.min_previous_gap_days, gap, None)
        and _inside(rule.min_avg_amount, facts.average, rule.max_avg_amount)
        and _ratio_fits(rule, last, facts.own_interval or shop)
    )


def _ratio_fits(rule: Rule, last: int | None, interval: Fraction | None) -> bool:
    if rule.min_gap_ratio is None and rule.max_gap_ratio is None:
        return True
    if last is None or interval is None:
        return False
    return _inside(rule.min_gap_ratio, last / interval, rule.max_gap_ratio)


def _inside(
    low: int | Decimal | None,
    value: int | Fraction | None,
    high: int | Decimal | None,
) -> bool:
    if low is None and high is None:
        return True
    if value is None:
        return False
    return (low is None or value >= low) and (high is None or value <= high)


def match(
    rules: Iterable[Rule], facts: Facts, day: date, shop: Fraction | None
) -> Rule | None:
    """Return the first rule that holds on the day."""
    matching = [rule for rule in rules if holds(rule, facts, day, shop)]
    return min(matching, key=lambda rule: rule.priority, default=None)


@dataclass(frozen=True)
class Move:
    """A change of state, as the ledger has it."""

    changed_on: date
    from_label: str
    to_label: str
    cause: str


class History:
    """The rule that decides on each day of the ledger, for one customer."""

    def __init__(
        self,
        rules: Sequence[Rule],
        customer: Customer,
        intervals: Mapping[date, Fraction | None],
    ) -> None:
        self.customer = customer
        self.intervals = intervals
        self.first_day, self.as_of = min(intervals), max(intervals)
        self.known = customer.known or self.first_day
        self._rules = rules
        self._facts = {day: facts_on(customer, day) for day in intervals}
        self.winners = {day: self._winner(day) for day in intervals}

    def _winner(self, day: date) -> Rule | None:
        if day < self.known:
            return None
        return match(self._rules, self._facts[day], day, self.intervals[day])

    def label(self, day: date) -> str:
        """Return the state on a day of the ledger."""
        winner = self.winners[day]
        return winner.state if winner else NO_STATE

    def since(self) -> date:
        """Return the first day of the last state, at the earliest the ledger's."""
        day, earliest = self.as_of, max(self.first_day, self.known)
        while day > earliest and self.label(day - DAY) == self.label(self.as_of):
            day -= DAY
        return day

    def next_change(self, days: int) -> tuple[date, str] | tuple[None, None]:
        """Return the next change within so many days if nothing more happens."""
        facts, shop = self._facts[self.as_of], self.intervals[self.as_of]
        for number in range(1, days + 1):
            day = self.as_of + timedelta(days=number)
            winner = match(self._rules, facts, day, shop)
            state = winner.state if winner else NO_STATE
            if state != self.label(self.as_of):
                return day, state
        return None, None

    def moves(self) -> list[Move]:
        """Return the ledger's entries, the first from none."""
        found, previous = [], NO_STATE
        for day in sorted(self.winners):
            label = self.label(day)
            if label != previous:
                found.append(Move(day, previous, label, self._cause(day, previous)))
            previous = label
        return found

    def _cause(self, day: date, previous: str) -> str:
        facts, winner = self._facts[day], self.winners[day]
        if winner is None:
            return f"{previous} holds no longer"
        if day == self.first_day:
            return OPENING
        if not facts.dates:
            return "no order yet"
        if facts.dates[-1] == day:
            return f"order {facts.order_of(day)}"
        loser = self.winners[day - DAY]
        if loser is not None and loser.priority < winner.priority:
            return self._end_cause(loser, day)
        return self._begin_cause(winner, day)

    def _begin_cause(self, rule: Rule, day: date) -> str:
        facts = self._facts[day]
        last, first = facts.dates[-1], facts.dates[0]
        days = (day - last).days
        if rule.min_days_since_last == days:
            return f"{days} days after the order of {last}"
        if rule.min_days_since_first == (day - first).days:
            number = rule.min_days_since_first
            return f"{number} days after the first order, of {first}"
        interval = facts.own_interval or self.intervals[day]
        if rule.min_gap_ratio is not None and interval is not None:
            least = Fraction(rule.min_gap_ratio) * interval
            if days - 1 < least <= days:
                ratio, usual = float(rule.min_gap_ratio), number_text(interval)
                return f"{ratio} x the usual {usual} days after the order of {last}"
        return self._interval_cause(day)

    def _end_cause(self, rule: Rule, day: date) -> str:
        facts = self._facts[day]
        last, first = facts.dates[-1], facts.dates[0]
        days, days_first = (day - last).days, (day - first).days
        if rule.max_days_since_last == days - 1:
            return f"{days} days after the order of {last}"
        if rule.max_days_since_first == days_first - 1:
            return f"{days_first} days after the first order, of {first}"
        interval = facts.own_interval or self.intervals[day - DAY]
        if rule.max_gap_ratio is not None and interval is not None:
            most = Fraction(rule.max_gap_ratio) * interval
            if days - 1 <= most < days:
                ratio, usual = float(rule.max_gap_ratio), number_text(interval)
                after = f"{usual} days after the order of {last}"
                return f"over {ratio} x the usual {after}"
        return self._interval_cause(day)

    def _interval_cause(self, day: date) -> str:
        before, now = self.intervals[day - DAY], self.intervals[day]
        assert now is not None
        assert before != now
        return f"{number_text(now)} days is the usual interval now"


def number_text(number: Fraction) -> str:
    """Return the number, with a decimal only where it has one."""
    return str(number.numerator) if number.denominator == 1 else str(float(number))
