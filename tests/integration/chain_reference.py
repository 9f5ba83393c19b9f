"""The chain by brute force, straight from its definition.

Customers are looked at one by one, and every count is a count of customers. Nothing is
shared with the models, and nothing is clever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

LINKS = (
    *("exposed", "wecom_added", "group_or_form", "member"),
    *("first_order", "second_order", "loyal", "referred"),
)
MEMBER = LINKS.index("member")


@dataclass(frozen=True)
class Event:
    """Something that a customer did, at an hour of a day."""

    event_id: str
    day: date
    hour: int
    event_type: str
    persona: str | None = None
    referred_id: str | None = None


@dataclass(frozen=True)
class Order:
    """An order, valid or not."""

    order_id: str
    day: date
    hour: int
    net_amount: Decimal
    is_valid: bool


@dataclass(frozen=True)
class Customer:
    """All that is known of a customer, of any day.

    ``has_record`` is a row among the members, ``other_on`` the day of a fact of some
    other kind; ``loyal_from`` are days on which a stay in stage L begins.
    """

    customer_id: str
    has_record: bool
    registered_on: date | None
    bound_on: date | None
    channel: str | None
    campaign_id: str | None
    persona: str | None
    other_on: date | None
    events: tuple[Event, ...]
    orders: tuple[Order, ...]
    loyal_from: tuple[date, ...]


Days = list[date | None]
Row = tuple[object, ...]


def is_member(customer: Customer, as_of: date) -> bool:
    """Whether the customer is a member by that day; without a day one always is."""
    day = customer.registered_on
    return customer.has_record and (day is None or day <= as_of)


def days_of_facts(customer: Customer, as_of: date) -> list[date]:
    """Return the days of all that is known of the customer by then."""
    days = [event.day for event in customer.events]
    days += [order.day for order in customer.orders]
    days += [customer.other_on] if customer.other_on else []
    if is_member(customer, as_of):
        recorded = (customer.registered_on, customer.bound_on)
        days += [day for day in recorded if day]
    return [day for day in days if day <= as_of]


def is_known(customer: Customer, as_of: date) -> bool:
    """Whether anything is known of the customer by then."""
    return is_member(customer, as_of) or days_of_facts(customer, as_of) != []


def valid_orders(customer: Customer, as_of: date) -> list[Order]:
    """Return the orders that count, in the order of time."""
    counting = [o for o in customer.orders if o.is_valid and o.day <= as_of]
    return sorted(counting, key=lambda order: (order.day, order.hour, order.order_id))


def link_days(customer: Customer, as_of: date) -> Days:
    """Return the day of each link, None where there is none."""

    def first(*event_types: str) -> date | None:
        days = [e.day for e in customer.events if e.event_type in event_types]
        return min((day for day in days if day <= as_of), default=None)

    member = is_member(customer, as_of)
    exposed = min(days_of_facts(customer, as_of), default=None)
    wecom = [first("add_wecom"), customer.bound_on if member else None]
    joined = customer.registered_on if member else None
    orders = valid_orders(customer, as_of)
    return [
        exposed,
        min((day for day in wecom if day and day <= as_of), default=None),
        first("group_join", "survey_submit"),
        joined or first("register") or (exposed if member else None),
        orders[0].day if orders else None,
        orders[1].day if len(orders) > 1 else None,
        min((day for day in customer.loyal_from if day <= as_of), default=None),
        first("refer"),
    ]


def passed(customer: Customer, as_of: date) -> list[bool]:
    """Return for each link whether the customer passed it."""
    found = [day is not None for day in link_days(customer, as_of)]
    found[MEMBER] = found[MEMBER] or is_member(customer, as_of)
    return found


def furthest(customer: Customer, as_of: date) -> int:
    """Return the number of the last link passed, 0 if none."""
    numbers = enumerate(passed(customer, as_of), 1)
    return max((number for number, is_passed in numbers if is_passed), default=0)


def received_by(customer: Customer, as_of: date) -> str | None:
    """Return the persona who received the customer."""
    if is_member(customer, as_of) and customer.persona:
        return customer.persona
    naming = [
        event
        for event in customer.events
        if event.event_type == "add_wecom" and event.persona and event.day <= as_of
    ]
    naming.sort(key=lambda event: (event.day, event.hour, event.event_id))
    return naming[0].persona if naming else None


def month_of(day: date | None) -> date | None:
    """Return the first day of the month."""
    return day.replace(day=1) if day else None


def funnel(
    customers: Iterable[Customer], as_of: date, group: Callable[[Customer], Row]
) -> set[Row]:
    """Return group, link_no, link, passed, entered, converted, rate and median_days."""
    groups: dict[Row, list[Customer]] = {}
    for customer in customers:
        groups.setdefault(group(customer), []).append(customer)
    rows: set[Row] = set()
    for name, some in groups.items():
        entered = len(some)
        for number, link in enumerate(LINKS):
            did = sum(passed(one, as_of)[number] for one in some)
            converted = sum(any(passed(one, as_of)[number:]) for one in some)
            gaps = [days_to(link_days(one, as_of), number) for one in some]
            known = [gap for gap in gaps if gap is not None]
            rate = converted / entered if entered else None
            middle = float(median(known)) if known else None
            rows.add((*name, number + 1, link, did, entered, converted, rate, middle))
            entered = converted
    return rows


def days_to(days: Days, number: int) -> int | None:
    """Return the days from the last earlier link that has a day to this one."""
    earlier = [day for day in days[:number] if day]
    day = days[number]
    if day is None or not earlier or day < earlier[-1]:
        return None
    return (day - earlier[-1]).days


def cohorts(customers: Iterable[Customer], as_of: date) -> set[Row]:
    """Return cohort_month, month_no, customers, active and net_amount."""
    buyers = [orders for one in customers if (orders := valid_orders(one, as_of))]
    rows: set[Row] = set()
    for cohort_month in {month_of(orders[0].day) for orders in buyers}:
        cohort = [o for o in buyers if month_of(o[0].day) == cohort_month]
        month, month_no = cohort_month, 0
        while month and month <= as_of:
            bought = [[o for o in all_ if month_of(o.day) == month] for all_ in cohort]
            active = sum(orders != [] for orders in bought)
            net = sum((o.net_amount for orders in bought for o in orders), Decimal(0))
            rows.add((cohort_month, month_no, len(cohort), active, net))
            years, months = divmod(month.month, 12)
            month = date(month.year + years, months + 1, 1)
            month_no += 1
    return rows


def referrals(by_id: Mapping[str, Customer], as_of: date) -> set[Row]:
    """Return both ids, day, whether first, member, first order, converted and net."""
    events = sorted(
        (event.day, event.hour, one.customer_id, event.referred_id)
        for one in by_id.values()
        for event in one.events
        if event.event_type == "refer" and event.day <= as_of and event.referred_id
    )
    firsts: dict[tuple[str, str], date] = {}
    first_of: dict[str, str] = {}
    for day, _, referrer_id, referred_id in events:
        if referrer_id != referred_id and referred_id:
            firsts.setdefault((referrer_id, referred_id), day)
            first_of.setdefault(referred_id, referrer_id)
    rows: set[Row] = set()
    for (referrer_id, referred_id), day in firsts.items():
        referred = by_id.get(referred_id)
        orders = valid_orders(referred, as_of) if referred else []
        rows.add(
            (
                referrer_id,
                referred_id,
                day,
                first_of[referred_id] == referrer_id,
                referred is not None and is_member(referred, as_of),
                orders[0].day if orders else None,
                bool(orders) and orders[0].day >= day,
                sum((order.net_amount for order in orders), Decimal(0)),
            )
        )
    return rows
