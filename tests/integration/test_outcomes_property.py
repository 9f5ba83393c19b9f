"""Outcomes of experiments and touches against a plain reference, on drawn shops.

Everything happens at noon or midnight, so that facts fall on the ends of windows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from support.draws import Draws, drawn
from support.sql_models import build_models, fill, models_between

AS_OF = date(2024, 3, 31)
DAYS = 3
WINDOW = timedelta(DAYS)
END = datetime.combine(AS_OF + timedelta(1), time())
VARIABLES = {"as_of_date": str(AS_OF), "outcome_window_days": DAYS}
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
create table fct_interactions (customer_id varchar, event_type varchar,
    occurred_at timestamp, channel varchar, campaign_id varchar);
create table fct_orders (order_id varchar, customer_id varchar, ordered_at timestamp,
    order_date date, net_amount decimal(18, 2), is_valid boolean);
"""
GIVEN = (
    *("stg_assignments", "int_holdouts", "dim_customer", "stg_contacts"),
    *("fct_interactions", "fct_orders"),
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

    assignments: list[Assignment]
    held_out: dict[str, bool]
    first_seen: dict[str, datetime | None]
    contacts: list[Contact]
    events: list[Event]
    orders: list[Order]


def draw_shop(draws: Draws) -> Shop:
    half_days = [END - timedelta(n / 2) for n in range(1, 14)]
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


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the tables that the models read."""
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.execute(TABLES)
        yield opened


def build(connection: duckdb.DuckDBPyConnection, shop: Shop) -> None:
    """Build the models on the shop."""
    rows = {
        "stg_assignments": [(*row, row.at.date()) for row in shop.assignments],
        "int_holdouts": [
            ("h", 0.5, who, is_held_out) for who, is_held_out in shop.held_out.items()
        ],
        "dim_customer": list(shop.first_seen.items()),
        "stg_contacts": [
            (*row[:3], row.at.date(), None, *row[3:]) for row in shop.contacts
        ],
        "fct_interactions": [tuple(row) for row in shop.events],
        "fct_orders": [
            (*row[:3], row.at.date(), row.net_amount, row.is_valid)
            for row in shop.orders
        ],
    }
    for table, content in rows.items():
        fill(connection, table, content)
    build_models(connection, MODELS, VARIABLES)


def arms(shop: Shop) -> dict[tuple[str, str], tuple[str, datetime]]:
    """The arm of each customer in each experiment, and when they are followed from."""
    found: dict[tuple[str, str], tuple[str, datetime]] = {}
    for row in sorted(shop.assignments, key=lambda row: (row.at, row.arm)):
        found.setdefault((row.experiment, row.customer_id), (row.arm, row.at))
    start = END - WINDOW
    if any(row.at >= start and row.outcome != "failed" for row in shop.contacts):
        for who, is_held_out in shop.held_out.items():
            seen = shop.first_seen[who]
            if seen is not None and seen < start:
                found["h", who] = ("control" if is_held_out else "treated", start)
    return found


def outcomes(shop: Shop) -> Counter[tuple[object, ...]]:
    """What each customer of each experiment did, before and after."""
    rows: Counter[tuple[object, ...]] = Counter()
    for (experiment, who), (arm, at) in arms(shop).items():

        def own(start: datetime, who: str = who) -> tuple[bool, bool, Decimal]:
            stop = start + WINDOW
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
            and at <= one.at < at + WINDOW
            for one in shop.contacts
        )
        is_complete = at + WINDOW <= END
        row = (experiment, who, arm, is_complete, contacted)
        rows[(*row, *own(at), *own(at - WINDOW))] += 1
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
            is_response(event, touch, min(on_channel, default=END))
            for event in shop.events
        )
        rows[
            (
                *touch[:3],
                responded,
                order.order_id if order else None,
                (order.at.date() - touch.at.date()).days if order else None,
                order.net_amount if order else 0,
                is_last,
                touch.at + WINDOW <= END,
            )
        ] += 1
    return rows


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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
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
