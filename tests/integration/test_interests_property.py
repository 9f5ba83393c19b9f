"""Interests built one build after the other against a build that starts afresh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from support.draws import Draws, drawn
from support.sql_models import build_models, fill

MODELS = ("int_interests", "int_interest_ranks")
TABLES = """
create table fct_orders (order_id varchar, customer_id varchar, is_valid boolean);
create table fct_order_lines (
    order_id varchar, product_id varchar, line_amount decimal(18, 2)
);
create table dim_product (product_id varchar, category varchar);
create table fct_interactions (
    customer_id varchar, event_type varchar, product_id varchar
);
create table int_changed_customers (customer_id varchar);
"""
CUSTOMERS = ("c1", "c2", "c3", "c4")
PRODUCTS = ("p1", "p2", "p3", "p4", "p9")
LAST = {"build_no": 1, "as_of_date": "2024-03-30", "changed": []}


@dataclass(frozen=True)
class Facts:
    """What is known on one day: orders and events by their ids, and the catalogue."""

    # Customer, whether it is valid, and its lines: products with amounts.
    orders: dict[str, tuple[str | None, bool, tuple[tuple[str, int], ...]]]
    # Customer, type and product.
    events: dict[str, tuple[str | None, str, str | None]]
    # Categories of products.
    products: dict[str, str | None]

    def of_customer(self, customer: str) -> list[Any]:
        """Everything that is known of the customer."""
        known = [*self.orders.items(), *self.events.items()]
        return sorted((item for item in known if item[1][0] == customer), key=str)


def draw_facts(draws: Draws) -> Iterator[Facts]:
    """What is known on each of some days: most of it stays, some of it is corrected."""
    facts = Facts({}, {}, dict.fromkeys(PRODUCTS[:4]))
    for day in draws.times(3, 4, 5):
        orders, events = dict(facts.orders), dict(facts.events)
        for n in draws.times(1, 3, 5) if day else draws.times(8, 12):
            lines = tuple(
                (draws.pick(PRODUCTS), draws.pick([5, 5, 10, -5, 0]))
                for _ in draws.times(0, 1, 1, 2)
            )
            customer = draws.pick([*CUSTOMERS, None])
            is_valid = customer is not None and draws.pick([True, True, False])
            order = (customer, is_valid, lines)
            orders[f"o{draws.pick(range(12)) if day else n}"] = order
        for n in draws.times(0, 2, 5) if day else draws.times(8, 16):
            kind = draws.pick(["search", "product_view", "consult", "share"])
            event = (
                draws.pick([*CUSTOMERS, None]),
                kind,
                draws.pick([*PRODUCTS, None]),
            )
            events[f"e{draws.pick(range(16)) if day else n}"] = event
        facts = replace(facts, orders=orders, events=events)
        if not day or draws.pick([False, False, True]):
            categories = {
                product: draws.pick(["tea", "toys", "skin", None])
                for product in draws.pick([PRODUCTS[:3], PRODUCTS[:4], PRODUCTS])
            }
            facts = replace(facts, products=facts.products | categories)
        yield facts


def draw_days(draws: Draws) -> tuple[Facts, ...]:
    return tuple(draw_facts(draws))


@pytest.fixture(name="connection")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the tables that the models read."""
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.execute(TABLES)
        yield opened


def fill_facts(connection: duckdb.DuckDBPyConnection, facts: Facts) -> None:
    """Put what is known in place."""
    orders = [(name, *order[:2]) for name, order in facts.orders.items()]
    fill(connection, "fct_orders", orders)
    lines = [(name, *line) for name, order in facts.orders.items() for line in order[2]]
    fill(connection, "fct_order_lines", lines)
    fill(connection, "fct_interactions", list(facts.events.values()))
    fill(connection, "dim_product", list(facts.products.items()))


def interests(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute("from int_interests order by all").fetchall()


@settings(max_examples=25, derandomize=True, deadline=None)
@given(drawn(draw_days, 3000))
def test_builds_that_go_on_equal_one_that_starts_afresh(
    connection: duckdb.DuckDBPyConnection, days: tuple[Facts, ...]
) -> None:
    """Locks out rows of who lost their last fact, and categories of the day before."""
    connection.execute("drop table if exists int_interests")
    before = Facts({}, {}, {})
    for facts in days:
        fill_facts(connection, facts)
        changed = [
            (customer,)
            for customer in CUSTOMERS
            if facts.of_customer(customer) != before.of_customer(customer)
        ]
        fill(connection, "int_changed_customers", changed)
        if facts.products != before.products:
            connection.execute("drop table if exists int_interests")
        build_models(connection, MODELS, {"last_build": LAST})
        found = interests(connection)
        connection.execute("drop table int_interests")
        build_models(connection, MODELS, {"last_build": None})
        assert found == interests(connection)
        before = facts
