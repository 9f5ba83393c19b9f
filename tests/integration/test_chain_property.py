"""The chain, its funnels, cohorts and referrals against a reference, on drawn shops."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import chain_reference as reference
import duckdb
import pytest
from chain_reference import LINKS, Customer, Event, Order
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.draws import examples
from support.sql_models import build_models, fill, models_between
from support.zones import ZONES, first_or_last_second

AS_OF = date(2024, 3, 31)
MARTS = (
    *("customer_chain", "funnel", "funnel_breakdown"),
    *("cohort_retention", "referrals"),
)
TABLES = """
create table dim_customer (
    customer_id varchar, first_seen_at timestamp, acquisition_channel varchar,
    acquisition_campaign_id varchar, is_member boolean, persona varchar,
    group_id varchar, first_order_date date
);
create table stg_members (
    customer_id varchar, registered_date date, wecom_bound_date date
);
create table int_changed_customers (customer_id varchar);
create table int_order_days (
    customer_id varchar, day date, orders bigint, amount decimal(18, 4)
);
create table fct_orders (
    order_id varchar, customer_id varchar, ordered_at timestamp, order_date date,
    net_amount decimal(18, 2), channel varchar, is_valid boolean, order_seq bigint
);
create table fct_interactions (
    event_id varchar, customer_id varchar, event_type varchar, occurred_at timestamp,
    event_date date, channel varchar, persona varchar, referred_customer_id varchar
);
create table int_aipl_stage_periods (
    customer_id varchar, stage varchar, valid_from date
);
create table funnel_steps as from read_csv('seeds/funnel_steps.csv');
"""
GIVEN = (
    *("dim_customer", "stg_members", "int_changed_customers", "int_order_days"),
    *("fct_orders", "fct_interactions", "int_aipl_stage_periods", "funnel_steps"),
)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the tables that the models read."""
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.execute(TABLES)
        yield opened


def build(
    connection: duckdb.DuckDBPyConnection, shop: Sequence[Customer], zone: str
) -> None:
    """Build the marts on the shop, from tables as the models below leave them."""
    known = [one for one in shop if reference.is_known(one, AS_OF)]
    customers = [customer_row(one, zone, n) for n, one in enumerate(known)]
    fill(connection, "dim_customer", customers)
    fill(
        connection,
        "stg_members",
        [
            (one.customer_id, one.registered_on, one.bound_on)
            for one in shop
            if reference.is_member(one, AS_OF)
        ],
    )
    orders: dict[tuple[str, date], list[Decimal]] = defaultdict(list)
    for one in shop:
        for order in one.orders:
            if order.is_valid:
                orders[one.customer_id, order.day].append(order.net_amount)
    fill(
        connection,
        "int_order_days",
        [(*key, len(amounts), sum(amounts)) for key, amounts in orders.items()],
    )
    fill_facts(connection, shop)
    stays = [(one.customer_id, "L", day) for one in shop for day in one.loyal_from]
    # Stays in other stages are there too, and are no loyalty.
    stays += [(one.customer_id, "P", date(2020, 1, 1)) for one in shop]
    fill(connection, "int_aipl_stage_periods", stays)
    variables = {"as_of_date": str(AS_OF), "shop_timezone": zone}
    build_models(connection, models_between(GIVEN, MARTS), variables)


def fill_facts(connection: duckdb.DuckDBPyConnection, shop: Sequence[Customer]) -> None:
    """Fill the tables of orders and interactions."""
    fill(connection, "fct_orders", [row for one in shop for row in order_rows(one)])
    fill(connection, "fct_interactions", [r for one in shop for r in event_rows(one)])


def customer_row(customer: Customer, zone: str, number: int) -> tuple[Any, ...]:
    """Return the customer as a row of dim_customer."""
    first_seen = min(reference.days_of_facts(customer, AS_OF), default=None)
    orders = reference.valid_orders(customer, AS_OF)
    is_member = reference.is_member(customer, AS_OF)
    return (
        customer.customer_id,
        first_or_last_second(first_seen, zone, number),
        customer.channel,
        customer.campaign_id if is_member else None,
        is_member,
        customer.persona if is_member else None,
        None,
        orders[0].day if orders else None,
    )


def order_rows(customer: Customer) -> list[tuple[Any, ...]]:
    """Return the orders up to the as-of date as rows of fct_orders."""
    numbered = enumerate(reference.valid_orders(customer, AS_OF), 1)
    numbers = {order.order_id: number for number, order in numbered}
    return [
        (
            *(one.order_id, customer.customer_id),
            *(datetime.combine(one.day, time(one.hour)), one.day, one.net_amount),
            *(customer.channel, one.is_valid, numbers.get(one.order_id)),
        )
        for one in customer.orders
        if one.day <= AS_OF
    ]


def event_rows(customer: Customer) -> list[tuple[Any, ...]]:
    """Return the events up to the as-of date as rows of fct_interactions."""
    return [
        (
            *(one.event_id, customer.customer_id, one.event_type),
            *(datetime.combine(one.day, time(one.hour)), one.day),
            *(customer.channel, one.persona, one.referred_id),
        )
        for one in customer.events
        if one.day <= AS_OF
    ]


# Few ids, days and hours, so that ties and pairs are many.
IDS = ["c0", "c1", "c2", "c3", "c4", "c5"]
# Ends of months, a leap day, a year ago, days after the as-of date.
DAYS = st.sampled_from(
    [
        *(date(2024, 3, 31), date(2024, 3, 30), date(2024, 3, 1), date(2024, 2, 29)),
        *(date(2024, 1, 31), date(2023, 12, 31), date(2023, 12, 1), date(2023, 3, 31)),
        *(date(2023, 11, 15), date(2024, 4, 1), date(2024, 4, 30)),
    ]
) | st.integers(-3, 400).map(lambda days: AS_OF - timedelta(days))
EVENT_TYPES = (
    *("add_wecom", "group_join", "survey_submit", "register", "refer", "refer"),
    *("page_view", "message_delivered"),
)
PERSONAS = st.sampled_from([None, "lulu", "momo"])
HOURS = st.sampled_from([8, 20])
EVENTS = st.builds(
    Event,
    *(st.just(""), DAYS, HOURS, st.sampled_from(EVENT_TYPES), PERSONAS),
    st.sampled_from([None, *IDS, "never_seen"]),
)
AMOUNTS = st.sampled_from([Decimal(text) for text in ("0.01", "5.00", "9.99")])
ORDERS = st.builds(
    Order, st.just(""), DAYS, HOURS, AMOUNTS, st.sampled_from([True, True, False])
)


def numbered(customers: Sequence[Customer]) -> tuple[Customer, ...]:
    """Give customers, events and orders ids; loyal is nobody before an order."""
    shop = []
    for customer_id, one in zip(IDS, customers, strict=False):
        events = [
            replace(event, event_id=f"{customer_id}.{number}")
            for number, event in enumerate(one.events)
        ]
        orders = [
            replace(order, order_id=f"{customer_id}.{number}")
            for number, order in enumerate(one.orders)
        ]
        bought = [order.day for order in orders if order.is_valid]
        shop.append(
            replace(
                one,
                customer_id=customer_id,
                events=tuple(events),
                orders=tuple(orders),
                loyal_from=tuple(bought[: len(one.loyal_from)]),
            )
        )
    return tuple(shop)


CUSTOMERS = st.builds(
    Customer,
    customer_id=st.just(""),
    has_record=st.booleans(),
    registered_on=st.none() | DAYS,
    bound_on=st.none() | DAYS,
    channel=st.sampled_from([None, "app", "store"]),
    campaign_id=st.sampled_from([None, "spring"]),
    persona=PERSONAS,
    other_on=st.none() | DAYS,
    events=st.lists(EVENTS, max_size=6).map(tuple),
    orders=st.lists(ORDERS, max_size=4).map(tuple),
    loyal_from=st.lists(st.just(AS_OF), max_size=2).map(tuple),
)
SHOPS = st.lists(CUSTOMERS, max_size=len(IDS)).map(numbered)
NOBODY = Customer(
    *("c0", False, None, None, None, None, None, None),
    *((), (), ()),
)
# A member without any day; one who only becomes a member, or is bound, later.
EDGES = (
    replace(NOBODY, customer_id="undated", has_record=True),
    replace(NOBODY, customer_id="later", has_record=True, registered_on=AS_OF),
    replace(
        NOBODY,
        customer_id="too_late",
        has_record=True,
        registered_on=AS_OF + timedelta(1),
        other_on=AS_OF,
    ),
    replace(
        NOBODY, customer_id="unbound", has_record=True, bound_on=AS_OF + timedelta(1)
    ),
)


@settings(
    max_examples=examples(100),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(SHOPS, st.sampled_from(ZONES))
@example((), ZONES[0])
@example(EDGES, ZONES[0])
def test_marts_equal_the_reference(
    connection: duckdb.DuckDBPyConnection, shop: tuple[Customer, ...], zone: str
) -> None:
    """Locks out links a day off, counts that grow, months that are lost."""
    build(connection, shop, zone)
    known = [one for one in shop if reference.is_known(one, AS_OF)]
    check_chain(connection, known)
    check_funnels(connection, known)
    columns = "cohort_month, month_no, customers, active, net_amount"
    found = rows_of(connection, "cohort_retention", columns)
    assert Counter(found) == Counter(reference.cohorts(known, AS_OF))
    columns = (
        "referrer_id, referred_id, referred_on, is_first_referrer, is_member, "
        "first_order_on, is_converted, net_amount"
    )
    found = rows_of(connection, "referrals", columns)
    by_id = {one.customer_id: one for one in known}
    assert Counter(found) == Counter(reference.referrals(by_id, AS_OF))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(SHOPS, SHOPS, st.lists(st.booleans(), min_size=len(IDS), max_size=len(IDS)))
def test_facts_of_changed_customers_are_rewritten(
    connection: duckdb.DuckDBPyConnection,
    before: tuple[Customer, ...],
    other: tuple[Customer, ...],
    stays: list[bool],
) -> None:
    """Locks out rows of customers without facts left, and of facts that are gone."""
    old = {one.customer_id: one for one in before}
    new = {one.customer_id: one for one in other}
    kept = {who for who, stay in zip(IDS, stays, strict=True) if stay}
    shop = [(old if who in kept else new).get(who) for who in IDS]
    after = [one for one in shop if one is not None]
    models = models_between(GIVEN, ("int_customer_facts",))
    variables: dict[str, Any] = {"as_of_date": str(AS_OF), "last_build": None}

    fill_facts(connection, after)
    build_models(connection, models, variables)
    fresh = rows_of(connection, "int_customer_facts", "*")
    fill_facts(connection, before)
    build_models(connection, models, variables)
    fill_facts(connection, after)
    changed = [(who,) for who in IDS if who not in kept]
    fill(connection, "int_changed_customers", changed)
    variables["last_build"] = {"build_no": 1, "as_of_date": str(AS_OF), "changed": []}
    build_models(connection, models, variables)
    assert Counter(rows_of(connection, "int_customer_facts", "*")) == Counter(fresh)


def rows_of(
    connection: duckdb.DuckDBPyConnection, table: str, columns: str
) -> list[tuple[Any, ...]]:
    """Return these columns of the table."""
    return connection.execute(f"select {columns} from {table}").fetchall()


def check_chain(
    connection: duckdb.DuckDBPyConnection, known: Sequence[Customer]
) -> None:
    """Every known customer has the days of the reference."""
    pairs = reference.referrals({one.customer_id: one for one in known}, AS_OF)
    expected = []
    for one in known:
        days = reference.link_days(one, AS_OF)
        furthest = reference.furthest(one, AS_OF)
        brought = [pair for pair in pairs if pair[0] == one.customer_id]
        expected.append(
            (
                *(one.customer_id, reference.month_of(days[0]), channel_of(one)),
                reference.received_by(one, AS_OF),
                *days,
                *(furthest, ("none", *LINKS)[furthest]),
                *(len(brought), sum(bool(pair[6]) for pair in brought)),
            )
        )
    columns = (
        "customer_id, cohort_month, channel, persona, exposed_on, wecom_on, "
        "group_or_form_on, member_on, first_order_on, second_order_on, loyal_on, "
        "referred_on, furthest_link_no, furthest_link, referrals, converted_referrals"
    )
    found = rows_of(connection, "customer_chain", columns)
    assert Counter(found) == Counter(expected)


def channel_of(customer: Customer) -> str:
    """Return the channel as the marts name it."""
    return customer.channel or "unknown"


def cohort_of(customer: Customer) -> date | None:
    """Return the month of the first sight."""
    return reference.month_of(reference.link_days(customer, AS_OF)[0])


def campaign_of(customer: Customer) -> str | None:
    """Return the campaign of a member."""
    return customer.campaign_id if reference.is_member(customer, AS_OF) else None


def persona_of(customer: Customer) -> str | None:
    """Return the persona who received the customer."""
    return reference.received_by(customer, AS_OF)


DIMENSIONS: dict[str, Callable[[Customer], object]] = {
    "channel": channel_of,
    "persona": persona_of,
    "campaign": campaign_of,
    "cohort_month": cohort_of,
}


def group_by(
    dimension: str, value: Callable[[Customer], object]
) -> Callable[[Customer], reference.Row]:
    """Return what names a customer's group in this dimension."""
    return lambda one: (dimension, str(value(one) or "unknown"))


def check_funnels(
    connection: duckdb.DuckDBPyConnection, known: Sequence[Customer]
) -> None:
    """Both funnels count as the reference does, and never grow."""
    counts = "link_no, link, passed, entered, converted, rate, median_days"
    found = rows_of(connection, "funnel", f"cohort_month, channel, {counts}")
    wanted = reference.funnel(
        known, AS_OF, lambda one: (cohort_of(one), channel_of(one))
    )
    assert Counter(found) == Counter(wanted)
    found = rows_of(connection, "funnel_breakdown", f"dimension, value, {counts}")
    wanted = set()
    for dimension, value in DIMENSIONS.items():
        wanted |= reference.funnel(known, AS_OF, group_by(dimension, value))
    assert Counter(found) == Counter(wanted)
    for *_, passed, entered, converted, _, _ in found:
        assert passed <= converted <= entered
