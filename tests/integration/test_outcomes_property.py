"""Outcomes of experiments and touches against a plain reference, on drawn shops.

Everything happens at noon or midnight of the shop, so that facts fall on the ends of
windows; in one of its zones, clocks are put forward on the as-of date.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

import duckdb
import pytest
from hypothesis import given, settings
from support.draws import Draws, drawn, examples
from support.sql_models import build_models, fill, models_between
from support.zones import ZONES, local_day, midnight, to_utc

AS_OF = date(2024, 3, 31)
DAYS = 3
WINDOW = timedelta(DAYS)
CUSTOMERS = ("c1", "c2")
CHANNELS = ("sms", "wecom")
TABLES = """
create table stg_assignments (experiment varchar, customer_id varchar, arm varchar,
    assigned_at timestamp, assigned_date date);
create table int_holdouts (holdout varchar, share double, customer_id varchar,
    is_held_out boolean);
create table dim_customer (customer_id varchar, first_seen_at timestamp);
create table stg_contacts (customer_id varchar, channel varchar, sent_at timestamp,
    sent_date date, touch_id varchar, campaign_id varchar, outcome varchar);
create table int_changed_customers (customer_id varchar);
create table stg_changed_contacts (customer_id varchar);
create table fct_interactions (customer_id varchar, event_type varchar,
    occurred_at timestamp, channel varchar, campaign_id varchar);
create table fct_orders (order_id varchar, customer_id varchar, ordered_at timestamp,
    order_date date, net_amount decimal(18, 2), is_valid boolean);
"""
GIVEN = (
    *("stg_assignments", "int_holdouts", "dim_customer", "stg_contacts"),
    *("fct_interactions", "fct_orders"),
    *("int_changed_customers", "stg_changed_contacts"),
)
MODELS = models_between(GIVEN, ("int_experiment_outcomes", "touch_outcome"))
NO_RESPONSE = {"message_delivered", "ad_impression", "unsubscribe", "complaint"}


class Assignment(NamedTuple):
    """A row of the assignments."""

    experiment: str
    customer_id: str
    arm: str
    at: datetime


class Contact(NamedTuple):
    """A message sent."""

    customer_id: str
    channel: str
    at: datetime
    campaign_id: str | None
    outcome: str | None


class Event(NamedTuple):
    """An interaction."""

    customer_id: str | None
    event_type: str
    at: datetime
    channel: str | None
    campaign_id: str | None


class Order(NamedTuple):
    """An order."""

    order_id: str
    customer_id: str
    at: datetime
    net_amount: Decimal
    is_valid: bool


@dataclass(frozen=True)
class Shop:
    """A whole drawn shop; who is held out, and since when each customer is known."""

    zone: str
    assignments: list[Assignment]
    held_out: dict[str, bool]
    first_seen: dict[str, datetime | None]
    contacts: list[Contact]
    events: list[Event]
    orders: list[Order]

    @property
    def end(self) -> datetime:
        """When the as-of date ends, in UTC as all times."""
        return midnight(AS_OF + timedelta(1), self.zone)


def draw_shop(draws: Draws) -> Shop:
    zone = draws.pick(ZONES)
    end = datetime.combine(AS_OF + timedelta(1), time())
    half_days = [to_utc(end - timedelta(n / 2), zone) for n in range(1, 14)]
    campaigns = (None, None, "k", "l")
    types = ("message_open", "message_click", "page_view", "unsubscribe")
    contacts = {
        (who, channel, at): Contact(who, channel, at, campaign, outcome)
        for who, channel, at, campaign, outcome in (
            (
                draws.pick(CUSTOMERS),
                draws.pick(CHANNELS),
                draws.pick(half_days),
                draws.pick(campaigns),
                draws.pick((None, "delivered", "failed", "clicked", None)),
            )
            for _ in draws.times(6, 10, 0)
        )
    }
    return Shop(
        zone,
        [
            Assignment(
                draws.pick("xy"),
                draws.pick(CUSTOMERS),
                draws.pick(("control", "a")),
                draws.pick(half_days),
            )
            for _ in draws.times(4, 0, 8)
        ],
        {who: draws.pick((True, False)) for who in CUSTOMERS},
        {who: draws.pick((half_days[-1], None, *half_days)) for who in CUSTOMERS},
        list(contacts.values()),
        [
            Event(
                draws.pick((*CUSTOMERS, None)),
                draws.pick(types),
                draws.pick(half_days),
                draws.pick((*CHANNELS, None)),
                draws.pick(campaigns),
            )
            for _ in draws.times(8, 12, 0)
        ],
        [
            Order(
                f"o{number}",
                draws.pick(CUSTOMERS),
                draws.pick(half_days),
                Decimal(draws.pick(("10.01", "0.50"))),
                draws.pick((True, True, False)),
            )
            for number in draws.times(5, 9, 0)
        ],
    )


def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the tables that the models read."""
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.execute(TABLES)
        yield opened


connection = pytest.fixture(database, name="connection", scope="module")
fresh = pytest.fixture(database, name="fresh", scope="module")


def build(
    connection: duckdb.DuckDBPyConnection,
    shop: Shop,
    as_of: date = AS_OF,
    last_as_of: date | None = None,
) -> None:
    """Build the models on the shop, going on from the build for ``last_as_of``."""

    def day(moment: datetime) -> date:
        return local_day(moment, shop.zone)

    rows = {
        "stg_assignments": [(*row, day(row.at)) for row in shop.assignments],
        "int_holdouts": [
            ("h", 0.5, who, is_held_out) for who, is_held_out in shop.held_out.items()
        ],
        "dim_customer": list(shop.first_seen.items()),
        "stg_contacts": [
            (*row[:3], day(row.at), None, *row[3:])
            for row in shop.contacts
            if day(row.at) <= as_of
        ],
        "fct_interactions": [tuple(row) for row in shop.events if day(row.at) <= as_of],
        "fct_orders": [
            (*row[:3], day(row.at), row.net_amount, row.is_valid)
            for row in shop.orders
            if day(row.at) <= as_of
        ],
    }
    for table, content in rows.items():
        fill(connection, table, content)
    variables = {
        "as_of_date": str(as_of),
        "outcome_window_days": DAYS,
        "shop_timezone": shop.zone,
        "last_build": last_as_of
        and {"build_no": 1, "as_of_date": str(last_as_of), "changed": []},
    }
    build_models(connection, MODELS, variables)


class Arm(NamedTuple):
    """The arm of a customer, and the bounds of the windows before and after."""

    name: str
    before: datetime
    start: datetime
    stop: datetime


def arms(shop: Shop) -> dict[tuple[str, str], Arm]:
    """The arm of each customer in each experiment; of a holdout in whole days."""
    found: dict[tuple[str, str], Arm] = {}
    for row in sorted(shop.assignments, key=lambda row: (row.at, row.arm)):
        arm = Arm(row.arm, row.at - WINDOW, row.at, row.at + WINDOW)
        found.setdefault((row.experiment, row.customer_id), arm)
    before, start = (
        midnight(AS_OF + timedelta(1 - days), shop.zone) for days in (2 * DAYS, DAYS)
    )
    if any(row.at >= start and row.outcome != "failed" for row in shop.contacts):
        for who, is_held_out in shop.held_out.items():
            seen = shop.first_seen[who]
            if seen is not None and seen < start:
                name = "control" if is_held_out else "treated"
                found["h", who] = Arm(name, before, start, shop.end)
    return found


def outcomes(shop: Shop) -> Counter[tuple[object, ...]]:
    """What each customer of each experiment did, before and after."""
    rows: Counter[tuple[object, ...]] = Counter()
    for (experiment, who), arm in arms(shop).items():

        def own(
            start: datetime, stop: datetime, who: str = who
        ) -> tuple[bool, bool, Decimal]:
            visits = [
                one
                for one in shop.events
                if one.customer_id == who and start <= one.at < stop
            ]
            amounts = [
                one.net_amount
                for one in shop.orders
                if one.customer_id == who and one.is_valid and start <= one.at < stop
            ]
            return bool(visits), bool(amounts), sum(amounts, Decimal(0))

        contacted = any(
            one.customer_id == who
            and one.outcome != "failed"
            and arm.start <= one.at < arm.stop
            for one in shop.contacts
        )
        row = (experiment, who, arm.name, arm.stop <= shop.end, contacted)
        rows[(*row, *own(arm.start, arm.stop), *own(arm.before, arm.start))] += 1
    return rows


def touches(shop: Shop) -> Counter[tuple[object, ...]]:
    """What followed each message that did not fail."""
    sent = sorted(
        (one for one in shop.contacts if one.outcome != "failed"),
        key=lambda one: (one.at, one.channel),
    )
    valid = sorted(
        (one for one in shop.orders if one.is_valid),
        key=lambda one: (one.at, one.order_id),
    )
    rows: Counter[tuple[object, ...]] = Counter()
    for number, touch in enumerate(sent):
        later = [one for one in sent[number + 1 :] if one[0] == touch.customer_id]
        order = next(
            (
                one
                for one in valid
                if one.customer_id == touch.customer_id
                and touch.at <= one.at < touch.at + WINDOW
            ),
            None,
        )
        is_last = order is not None and all(one.at > order.at for one in later)
        on_channel = [one.at for one in later if one.channel == touch.channel]
        responded = touch.outcome == "clicked" or any(
            is_response(event, touch, min(on_channel, default=shop.end))
            for event in shop.events
        )
        rows[
            (
                *touch[:3],
                responded,
                order.order_id if order else None,
                days_between(touch.at, order.at, shop.zone) if order else None,
                order.net_amount if order else 0,
                is_last,
                touch.at + WINDOW <= shop.end,
            )
        ] += 1
    return rows


def days_between(earlier: datetime, later: datetime, zone: str) -> int:
    """Return how many days of the shop the later time is after the earlier one."""
    return (local_day(later, zone) - local_day(earlier, zone)).days


def is_response(event: Event, touch: Contact, next_on_channel: datetime) -> bool:
    """Whether the event is something done about the message."""
    if event.customer_id != touch.customer_id or event.event_type in NO_RESPONSE:
        return False
    if not touch.at <= event.at < touch.at + WINDOW:
        return False
    campaigns = {event.campaign_id, touch.campaign_id}
    if None not in campaigns:
        return len(campaigns) == 1
    return (
        event.event_type.startswith("message_")
        and event.channel == touch.channel
        and event.at < next_on_channel
    )


@settings(max_examples=examples(60))
@given(shop=drawn(draw_shop, 220))
def test_outcomes_are_those_of_the_reference(
    connection: duckdb.DuckDBPyConnection, shop: Shop
) -> None:
    build(connection, shop)

    found = connection.execute(
        "select experiment, customer_id, arm, is_complete, was_contacted, "
        "has_visited, has_converted, net_amount, has_visited_before, "
        "has_converted_before, net_amount_before from int_experiment_outcomes"
    ).fetchall()
    assert Counter(found) == outcomes(shop)
    found = connection.execute(
        "select customer_id, channel, sent_at, responded, order_id, days_to_order, "
        "net_amount, is_last_touch, is_complete from touch_outcome"
    ).fetchall()
    assert Counter(found) == touches(shop)


def draw_two_days(draws: Draws) -> tuple[Shop, Shop, date]:
    """A shop before and after a change of some customers, and its first as-of date."""
    before, other = draw_shop(draws), draw_shop(draws)
    parts = {}
    for part in ("contacts", "events", "orders"):
        kept = {None, *(who for who in CUSTOMERS if draws.pick((True, False)))}
        rows = [row for row in getattr(before, part) if row.customer_id in kept]
        rows += [row for row in getattr(other, part) if row.customer_id not in kept]
        parts[part] = rows
    after = replace(before, **parts)
    return before, after, AS_OF - timedelta(draws.pick((1, 0, 2, 5)))


def changed(
    before: Shop, after: Shop, last_as_of: date, parts: Sequence[str]
) -> list[tuple[str]]:
    """Return whose rows of these parts the second build sees otherwise."""

    def seen(shop: Shop, who: str, as_of: date) -> Counter[object]:
        rows = [row for part in parts for row in getattr(shop, part)]
        mine = [row for row in rows if row.customer_id == who]
        return Counter(row for row in mine if local_day(row.at, shop.zone) <= as_of)

    return [
        (who,)
        for who in CUSTOMERS
        if seen(before, who, last_as_of) != seen(after, who, AS_OF)
    ]


@settings(max_examples=examples(60))
@given(days=drawn(draw_two_days, 450))
def test_outcomes_of_changed_customers_are_rewritten(
    connection: duckdb.DuckDBPyConnection,
    fresh: duckdb.DuckDBPyConnection,
    days: tuple[Shop, Shop, date],
) -> None:
    """Locks out messages of a day that has come, and windows of facts that changed."""
    before, after, last_as_of = days
    build(connection, before, last_as_of)
    facts = changed(before, after, last_as_of, ("events", "orders"))
    fill(connection, "int_changed_customers", facts)
    messages = changed(before, after, last_as_of, ("contacts",))
    fill(connection, "stg_changed_contacts", messages)
    build(connection, after, last_as_of=last_as_of)
    build(fresh, after)
    for table in ("touch_outcome", "int_experiment_outcomes"):
        got, wanted = (
            Counter(one.execute(f"from {table}").fetchall())
            for one in (connection, fresh)
        )
        assert got == wanted
