"""The chain on a demo shop: who referred whom as planted, cohorts as the orders say."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import duckdb


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_referrals_are_those_planted(
    marts: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    """A pair that is doubled by a repeated event, or lost with a late file."""
    planted = truth["planted"]["referrals"]
    totals = _rows(
        marts, "select count(*), count(distinct referrer_id) from marts.referrals"
    )
    assert totals == [(planted["referrals"], planted["referrers"])]
    brought = dict(
        _rows(marts, "select customer_id, referrals from marts.customer_chain")
    )
    assert {who: brought[who] for who in planted["top"]} == planted["top"]
    others = [n for who, n in brought.items() if who not in planted["top"]]
    assert max(others) <= min(planted["top"].values())


def test_cohorts_are_those_of_the_orders(marts: duckdb.DuckDBPyConnection) -> None:
    """Months on the wrong side of midnight, customers in two cohorts, gaps."""
    orders = _rows(
        marts,
        "select customer_id, order_date, net_amount from marts.fct_orders "
        "where is_valid order by order_date",
    )
    cohort_of: dict[str, int] = {}
    active: dict[tuple[int, int], set[str]] = defaultdict(set)
    spent: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for customer_id, day, net_amount in orders:
        month = day.year * 12 + day.month
        cohort = cohort_of.setdefault(customer_id, month)
        active[cohort, month - cohort].add(customer_id)
        spent[cohort, month - cohort] += net_amount
    [(as_of,)] = _rows(marts, "select max(as_of_date) from marts.published")
    last = as_of.year * 12 + as_of.month
    expected = {
        (cohort, number): (
            len(active[cohort, 0]),
            len(active[cohort, number]),
            spent[cohort, number],
        )
        for cohort in set(cohort_of.values())
        for number in range(last - cohort + 1)
    }
    found = {
        (month.year * 12 + month.month, number): tuple(row)
        for month, number, *row in _rows(
            marts,
            "select cohort_month, month_no, customers, active, net_amount "
            "from marts.cohort_retention",
        )
    }
    assert found == expected


def test_funnels_hold_every_customer(
    marts: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    """Customers without a channel, a persona or a date that drop out of a sum."""
    customers, members = truth["counts"]["customers"], truth["counts"]["members"]
    entered = _rows(
        marts, "select sum(entered) from marts.funnel where link = 'exposed'"
    )
    assert entered == [(customers,)]
    by_dimension = dict(
        _rows(
            marts,
            "select dimension, sum(entered) from marts.funnel_breakdown "
            "where link_no = 1 group by dimension",
        )
    )
    assert by_dimension == dict.fromkeys(
        ("channel", "persona", "campaign", "cohort_month"), customers
    )
    passed = dict(
        _rows(marts, "select link, sum(passed) from marts.funnel group by link")
    )
    # A visitor's register event would make more members than there are records.
    assert passed["member"] >= members
    assert passed["first_order"] == truth["orders"]["customers"]
    assert passed["referred"] == truth["planted"]["referrals"]["referrers"]
