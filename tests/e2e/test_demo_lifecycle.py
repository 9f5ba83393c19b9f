"""A demo shop has the lifecycle states planted in it and those its orders give."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb


def states_of(marts: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The state of each customer."""
    rows = marts.execute("select customer_id, state from marts.customer_lifecycle")
    return dict(rows.fetchall())


def state_by_orders(days: list[date], today: date) -> str:
    """The default rules of the contract on the days of a customer's valid orders."""
    if not days:
        return "prospect"
    dates = sorted(set(days))
    since_last = (today - dates[-1]).days
    if len(days) == 1 and since_last <= 30:
        return "new"
    if len(dates) > 1 and since_last <= 30 and (dates[-1] - dates[-2]).days >= 180:
        return "reactivated"
    limits = {"active": 60, "at_risk": 120, "dormant": 365}
    return next((s for s, limit in limits.items() if since_last <= limit), "churned")


def test_every_customer_of_a_story_is_in_its_state(
    marts: duckdb.DuckDBPyConnection, shop: Path, truth: dict[str, Any]
) -> None:
    """A late order, a refund or a repeat that moves a customer to another state."""
    stories = truth["planted"]["stories"]
    promised = {
        name: story["lifecycle_state"]
        for name, story in stories.items()
        if story["lifecycle_state"]
    }
    assert {"prospect", "new", "active", "reactivated"} == set(promised.values())
    people = duckdb.execute(
        "select customer_id, story from read_parquet(?)",
        [str(shop / "truth_customers.parquet")],
    ).fetchall()
    found = states_of(marts)
    wrong = [
        (customer_id, story, found.get(customer_id))
        for customer_id, story in people
        if story in promised and found.get(customer_id) != promised[story]
    ]
    assert wrong == []
    told = Counter(story for _, story in people if story in promised)
    assert told == {name: stories[name]["customers"] for name in promised}


def test_every_state_follows_from_the_orders(
    marts: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    """A customer without a state, or in one that the orders do not give."""
    today = date.fromisoformat(truth["as_of_date"])
    orders = marts.execute(
        "select customer_id, order_date from marts.fct_orders where is_valid"
    ).fetchall()
    days: dict[str, list[date]] = defaultdict(list)
    for customer_id, day in orders:
        days[customer_id].append(day)
    customers = marts.execute("select customer_id from marts.dim_customer").fetchall()
    assert states_of(marts) == {
        customer_id: state_by_orders(days[customer_id], today)
        for (customer_id,) in customers
    }
    assert len(set(states_of(marts).values())) == 7


def test_the_ledger_tells_of_every_state(marts: duckdb.DuckDBPyConnection) -> None:
    """A change that the ledger misses, or one without its order."""
    last = marts.execute(
        "select customer_id, max_by(to_label, changed_on) from marts.segment_ledger "
        "where dimension = 'lifecycle_state' group by 1"
    ).fetchall()
    assert dict(last) == states_of(marts)
    unknown = marts.execute(
        "from marts.segment_ledger as changes anti join marts.fct_orders as orders on "
        "changes.cause = 'order ' || orders.order_id "
        "and changes.customer_id = orders.customer_id "
        "and changes.changed_on = orders.order_date "
        "where dimension = 'lifecycle_state' and cause like 'order %'"
    ).fetchall()
    assert unknown == []
