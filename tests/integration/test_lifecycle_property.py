"""The lifecycle against a brute-force reference, on thousands of drawn customers."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import duckdb
import lifecycle_reference as reference
import pytest
from hypothesis import example, given, settings
from lifecycle_reference import Customer, History, Order, Rule
from support.draws import Draws, drawn
from support.label_tables import PERIODS, STAGES, label_tables
from support.sql_models import ROOT, build_models, fill, models_between
from support.zones import ZONES, first_or_last_second

FIRST_AS_OF = date(2024, 2, 20)
# Longer than any drawn rule can make a state last.
HORIZON_DAYS = 760
OTHER_LABELS = (STAGES, *(name for name in PERIODS if name != "int_lifecycle_periods"))
GIVEN = (
    *("lifecycle_rules", "int_order_days", "dim_customer"),
    *("int_changed_customers", "int_touched_customers", *OTHER_LABELS),
)
WANTED = ("customer_lifecycle", "segment_ledger")
TABLES = """
create table lifecycle_rules (
    priority int, state varchar, min_orders int, max_orders int,
    min_days_since_last int, max_days_since_last int, min_days_since_first int,
    max_days_since_first int, min_previous_gap_days int, min_gap_ratio decimal(18, 2),
    max_gap_ratio decimal(18, 2), min_avg_amount decimal(18, 2),
    max_avg_amount decimal(18, 2)
);
create table int_order_days (
    customer_id varchar, day date, orders bigint, amount decimal(18, 4),
    first_order_id varchar
);
create table dim_customer (
    customer_id varchar, first_seen_at timestamp, first_order_date date
);
create table int_changed_customers (customer_id varchar);
create table int_touched_customers (customer_id varchar);
"""
TABLES += label_tables(OTHER_LABELS)
STATES = ("a", "b", "c", "d")
RATIOS = [
    Decimal(n) for n in ("0", "0.5", "0.99", "1", "1.25", "1.5", "2", "2.33", "3")
]
AMOUNTS = [Decimal(n) for n in ("5", "10", "9.99", "10.01", "0.01", "12.5", "7.5")]
AVERAGES = [Decimal(n) for n in ("5", "7.5", "9.99", "10", "10.01")]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the tables that the models read."""
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.execute(TABLES)
        yield opened


@dataclass(frozen=True)
class Shop:
    """Rules, customers, the days that are looked at, and where the shop is."""

    rules: tuple[Rule, ...]
    customers: tuple[Customer, ...]
    as_of: date
    ledger_days: int
    zone: str = ZONES[0]


# Building ---------------------------------------------------------------------------


def build_shop(connection: duckdb.DuckDBPyConnection, shop: Shop) -> None:
    """Build the lifecycle models on the shop; orders of later days are there too."""
    fill(connection, "lifecycle_rules", [astuple(rule) for rule in shop.rules])
    days: dict[tuple[str, date], list[Order]] = defaultdict(list)
    first_dates: dict[str, date | None] = {}
    for customer in shop.customers:
        for order in customer.orders:
            days[customer.customer_id, order.day].append(order)
        dates = [order.day for order in customer.orders if order.day <= shop.as_of]
        first_dates[customer.customer_id] = min(dates, default=None)
    fill(
        connection,
        "int_order_days",
        [
            (
                *key,
                len(some),
                sum(o.amount for o in some),
                min(o.order_id for o in some),
            )
            for key, some in days.items()
        ],
    )
    fill(
        connection,
        "dim_customer",
        [
            (
                who.customer_id,
                first_or_last_second(who.known, shop.zone, number),
                first_dates[who.customer_id],
            )
            for number, who in enumerate(shop.customers)
        ],
    )
    variables = {
        "as_of_date": str(shop.as_of),
        "ledger_days": shop.ledger_days,
        "shop_timezone": shop.zone,
    }
    build_models(connection, models_between(GIVEN, WANTED), variables)


def rows_by_customer(
    connection: duckdb.DuckDBPyConnection, table: str, order_by: str
) -> dict[str, list[dict[str, Any]]]:
    """Return the table's rows of each customer."""
    result = connection.execute(f"select * from {table} order by {order_by}")
    names = [column[0] for column in result.description]
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in result.fetchall():
        named = dict(zip(names, row, strict=True))
        found[named["customer_id"]].append(named)
    return found


# Comparing --------------------------------------------------------------------------


def check_shop(connection: duckdb.DuckDBPyConnection, shop: Shop) -> None:
    """Compare the mart and the moves with the reference, customer by customer."""
    build_shop(connection, shop)
    states = rows_by_customer(connection, "customer_lifecycle", "customer_id")
    moves = rows_by_customer(connection, "segment_ledger", "changed_on")
    ledger = [shop.as_of - timedelta(n) for n in range(shop.ledger_days)]
    intervals = {day: reference.shop_interval(shop.customers, day) for day in ledger}
    assert set(states) == {customer.customer_id for customer in shop.customers}
    for customer in shop.customers:
        history = History(shop.rules, customer, intervals)
        (row,) = states[customer.customer_id]
        check_moves(history, moves[customer.customer_id])
        check_state(history, row, moves[customer.customer_id])
        check_facts(history, row)


def check_moves(history: History, rows: Sequence[dict[str, Any]]) -> None:
    """The ledger has each change of the days it is about, and why."""
    found = [
        reference.Move(
            row["changed_on"], row["from_label"], row["to_label"], row["cause"]
        )
        for row in rows
    ]
    assert found == history.moves(), history.customer


def check_state(
    history: History, row: dict[str, Any], moves: Sequence[dict[str, Any]]
) -> None:
    """State of the day, since when and why, and what comes next."""
    customer, as_of = history.customer, history.as_of
    assert row["as_of_date"] == as_of
    assert row["state"] == history.label(as_of), customer
    expected = history.next_change(HORIZON_DAYS)
    assert (row["next_state_on"], row["next_state"]) == expected, customer
    since = history.since()
    if row["days_since_last_order"] is None:
        assert row["since_date"] == customer.known, customer
    elif since > history.first_day:
        assert row["since_date"] == since, customer
    else:
        assert row["since_date"] <= since, customer
    if moves and moves[-1]["cause"] != reference.OPENING:
        assert row["cause"] == moves[-1]["cause"], customer


def check_facts(history: History, row: dict[str, Any]) -> None:
    """Days, the previous gap and the expected interval."""
    facts = reference.facts_on(history.customer, history.as_of)
    found = (
        row["days_since_last_order"],
        row["days_since_first_order"],
        row["previous_gap_days"],
        row["expected_interval_days"],
    )
    dates = facts.dates
    assert found == (
        (history.as_of - dates[-1]).days if dates else None,
        (history.as_of - dates[0]).days if dates else None,
        facts.gaps[-1] if facts.gaps else None,
        facts.own_interval or history.intervals[history.as_of],
    ), history.customer


# Drawing ----------------------------------------------------------------------------


def draw_bounds(draws: Draws, values: Sequence[Any], rare: int = 1) -> tuple[Any, Any]:
    """No condition, a bound on one side, or bounds on both in order."""
    shape = draws.pick([*["none"] * 4 * rare, "low", "low", "high", "high", "both"])
    low, high = sorted((draws.pick(values), draws.pick(values)))
    return (
        low if shape in ("low", "both") else None,
        high if shape in ("high", "both") else None,
    )


def draw_rules(draws: Draws, days: Sequence[int]) -> tuple[Rule, ...]:
    """Rules of all columns, some of which give the same state; none need hold."""
    priorities = [draws.pick([20, 10, 40, 30, 60, 50]) for _ in draws.times(4, 1, 2, 6)]
    rules = []
    for number, priority in enumerate(priorities):
        gap = draws.pick([*[None] * 25, *days])
        rule = Rule(
            priority * 10 + number,
            draws.pick(STATES),
            *draw_bounds(draws, range(5), 3),
            *draw_bounds(draws, days),
            *draw_bounds(draws, days, 2),
            gap,
            *draw_bounds(draws, RATIOS),
            *draw_bounds(draws, AVERAGES, 3),
        )
        rules.append(rule)
    return tuple(rules)


def draw_customer(
    draws: Draws, customer_id: str, as_of: date, gaps: Sequence[int]
) -> Customer:
    """A customer with up to eight orders, some of them after the as-of date."""
    day = as_of - timedelta(draws.pick([*range(70), 100, 150, 200]))
    before = timedelta(draws.pick([0, 1, 5, 40, 400]))
    orders = []
    for number in draws.times(3, 0, 1, 1, 2, 2, 2, 4, 5, 6, 7, 8):
        day += timedelta(draws.pick(gaps) if number else 0)
        orders.append(Order(f"{customer_id}.{number}", day, draws.pick(AMOUNTS)))
    if not orders and draws.pick([True, False]):
        return Customer(customer_id, None, ())
    first = min((order.day for order in orders), default=day)
    return Customer(customer_id, min(first, as_of) - before, tuple(orders))


def draw_shop(draws: Draws) -> Shop:
    """A shop whose customers buy close together and just as far apart as a bound."""
    zone = draws.pick(ZONES)
    as_of = FIRST_AS_OF + timedelta(draws.pick(range(60)))
    days = [draws.pick(range(41)) for _ in range(3)]
    gaps = [
        0,
        0,
        1,
        1,
        2,
        3,
        7,
        30,
        180,
        *(max(d + n, 0) for d in days for n in (-1, 0, 1)),
    ]
    rules = draw_rules(draws, [*days, *(day + 1 for day in days)])
    ledger_days = draws.pick([30, 30, 30, 12, 2, 1])
    customers = [
        draw_customer(draws, f"c{number}", as_of, gaps)
        for number in draws.times(1, 2, 3, *range(5, 55))
    ]
    return Shop(rules, tuple(customers), as_of, ledger_days, zone)


# Tests ------------------------------------------------------------------------------


DAY_0 = date(2024, 3, 1)
LATE = Rule(1, "late", min_gap_ratio=Decimal(1))
# The shop's median falls from 30 to 20 days on the fourth day of the ledger, by which
# somebody with a single order is late at once.
TURNING = Shop(
    (LATE, Rule(2, "in_time", max_gap_ratio=Decimal(1)), Rule(3, "new", max_orders=0)),
    (
        Customer("single", DAY_0, (Order("s1", DAY_0, Decimal(5)),)),
        Customer(
            "pair",
            DAY_0,
            (
                Order("p1", DAY_0 - timedelta(20), Decimal(5)),
                Order("p2", DAY_0 + timedelta(10), Decimal(5)),
            ),
        ),
        Customer(
            "other_pair",
            DAY_0,
            (
                Order("q1", DAY_0 + timedelta(14), Decimal(5)),
                Order("q2", DAY_0 + timedelta(24), Decimal(5)),
            ),
        ),
        Customer("nobody", None, ()),
    ),
    DAY_0 + timedelta(26),
    6,
)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(drawn(draw_shop, 1300))
@example(Shop((LATE,), (), DAY_0, 30))
@example(Shop((LATE,), (Customer("nobody", None, ()),), DAY_0, 30))
@example(TURNING)
def test_the_lifecycle_equals_the_reference(
    connection: duckdb.DuckDBPyConnection, shop: Shop
) -> None:
    """Locks out bounds that are a day off, and states that look into the future."""
    check_shop(connection, shop)


def shipped_rules() -> tuple[Rule, ...]:
    """The rules of the built-in file."""
    path = ROOT / "seeds/lifecycle_rules.csv"
    with path.open(encoding="utf8", newline="") as file:
        rows = list(csv.DictReader(file))
    bounds = [field.name for field in fields(Rule)[2:]]
    return tuple(
        Rule(
            int(row["priority"]),
            row["state"],
            **{name: int(row[name]) for name in bounds if row[name]},  # type: ignore[arg-type]
        )
        for row in rows
    )


def contract_state(customer: Customer, as_of: date) -> str:
    """The default states as the contract words them."""
    orders = [order for order in customer.orders if order.day <= as_of]
    dates = sorted({order.day for order in orders})
    if not orders:
        return "prospect"
    since_first, since_last = (as_of - dates[0]).days, (as_of - dates[-1]).days
    if since_first <= 30 and len(orders) == 1:
        return "new"
    if since_last <= 30 and len(dates) > 1 and (dates[-1] - dates[-2]).days >= 180:
        return "reactivated"
    for state, days in (("active", 60), ("at_risk", 120), ("dormant", 365)):
        if since_last <= days:
            return state
    return "churned"


def draw_default_shop(draws: Draws) -> Shop:
    """A shop with the built-in rules and gaps about their bounds."""
    edges = [days + off for days in (30, 60, 120, 180, 365) for off in (-1, 0, 1)]
    as_of = FIRST_AS_OF + timedelta(draws.pick(range(60)))
    customers = []
    for number in draws.times(*range(20, 80)):
        customer = draw_customer(draws, f"c{number}", as_of, [0, 1, 7, *edges])
        later = timedelta(draws.pick([0, *edges]) - 30)
        orders = [replace(order, day=order.day - later) for order in customer.orders]
        first = min([as_of, *(order.day for order in orders)])
        customers.append(replace(customer, orders=tuple(orders), known=first))
    return Shop(shipped_rules(), tuple(customers), as_of, draws.pick([1, 30]))


@settings(max_examples=30, derandomize=True, deadline=None)
@given(drawn(draw_default_shop, 1800))
def test_the_shipped_rules_give_everybody_a_state_of_the_contract(
    connection: duckdb.DuckDBPyConnection, shop: Shop
) -> None:
    """Locks out a gap between two states, now or in the days to come."""
    build_shop(connection, shop)
    states = rows_by_customer(connection, "customer_lifecycle", "customer_id")
    found = {who: row["state"] for who, (row,) in states.items()}
    assert found == {
        customer.customer_id: contract_state(customer, shop.as_of)
        for customer in shop.customers
    }
    to_come = connection.execute(
        "select count(*) from customer_lifecycle where next_state = 'none'"
    ).fetchone()
    assert to_come == (0,)
    left = connection.execute(
        "select count(*) from segment_ledger where to_label = 'none'"
    ).fetchone()
    assert left == (0,)


# Bands of days crossed with bands of the average amount, as value-based segmentations
# have them.
BANDS = (
    Rule(1, "prospect", max_orders=0),
    Rule(2, "inactive", min_days_since_last=1096),
    Rule(3, "cold", min_days_since_last=731, max_days_since_last=1095),
    Rule(
        4,
        "new_warm",
        min_days_since_last=366,
        max_days_since_last=730,
        max_days_since_first=730,
        max_orders=1,
    ),
    Rule(
        5,
        "warm_high",
        min_days_since_last=366,
        max_days_since_last=730,
        min_avg_amount=Decimal(100),
    ),
    Rule(6, "warm_low", min_days_since_last=366, max_days_since_last=730),
    Rule(7, "new_active", max_days_since_first=365),
    Rule(8, "active_high", max_days_since_last=365, min_avg_amount=Decimal(100)),
    Rule(9, "active_low", max_days_since_last=365),
)
BANDS_BY_HAND = """
with facts as (
    select
        dim_customer.customer_id,
        date '{as_of}' - max(day) as last_days,
        date '{as_of}' - min(day) as first_days,
        coalesce(sum(orders), 0) as orders,
        sum(amount) / sum(orders) as average
    from dim_customer
    left join (from int_order_days where day <= date '{as_of}') using (customer_id)
    group by dim_customer.customer_id
)
select
    customer_id,
    case
        when orders = 0 then 'prospect'
        when last_days > 1095 then 'inactive'
        when last_days > 730 then 'cold'
        when last_days > 365 and orders = 1 and first_days <= 730 then 'new_warm'
        when last_days > 365 and average >= 100 then 'warm_high'
        when last_days > 365 then 'warm_low'
        when first_days <= 365 then 'new_active'
        when average >= 100 then 'active_high'
        else 'active_low'
    end as state
from facts
"""


def test_bands_of_days_and_amounts_equal_a_query_by_hand(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Locks out a rule file that cannot say what a usual segmentation says."""
    random = Random(7)
    as_of, amounts = (
        date(2024, 3, 31),
        [Decimal(n) for n in ("60", "100", "140", "99.99")],
    )
    customers = []
    for number in range(3000):
        days_ago = [
            random.choice(
                [random.randrange(1600), random.choice([365, 366, 730, 1095])]
            )
            for _ in range(random.choice([0, 1, 1, 2, 3, 5]))
        ]
        orders = tuple(
            Order(f"{number}.{n}", as_of - timedelta(days), random.choice(amounts))
            for n, days in enumerate(days_ago)
        )
        known = min([as_of, *(order.day for order in orders)])
        customers.append(Customer(f"c{number}", known, orders))
    build_shop(connection, Shop(BANDS, tuple(customers), as_of, 30))
    by_hand = BANDS_BY_HAND.format(as_of=as_of)
    different = connection.execute(
        f"from ({by_hand}) as by_hand full join customer_lifecycle using (customer_id) "
        "select customer_id, by_hand.state, customer_lifecycle.state "
        "where by_hand.state is distinct from customer_lifecycle.state"
    ).fetchall()
    assert different == []
    sizes = dict(
        connection.execute(
            "select state, count(*) from customer_lifecycle group by state"
        ).fetchall()
    )
    assert set(sizes) == {rule.state for rule in BANDS}
    assert min(sizes.values()) >= 30
