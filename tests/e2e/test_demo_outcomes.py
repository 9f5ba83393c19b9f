"""What worked in a demo shop: the experiment as planted, repurchase as ordered."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

METRICS = ("conversion_rate", "net_amount_per_customer")


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def _results(
    marts: duckdb.DuckDBPyConnection, columns: str, metric: str, experiment: str
) -> dict[str, tuple[Any, ...]]:
    found = marts.execute(
        f"select arm, {columns} from marts.experiment_result "
        "where metric = ? and experiment = ?",
        [metric, experiment],
    ).fetchall()
    return {arm: tuple(row) for arm, *row in found}


def test_the_arms_did_what_was_planted(
    marts: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    """A window that is too long or short, a customer who is in no arm or in two."""
    planted = truth["planted"]["experiment"]
    arms = {
        "control": planted["control"],
        planted["arms"][1]: planted["treated"],
    }
    converted = _results(marts, "customers, value", METRICS[0], planted["name"])
    spent = _results(marts, "customers, value", METRICS[1], planted["name"])

    assert converted.keys() == arms.keys()
    for arm, expected in arms.items():
        size = expected["customers"]
        assert converted[arm] == (size, pytest.approx(expected["converted"] / size))
        net_amount = float(Decimal(expected["net_amount"]))
        assert spent[arm] == (size, pytest.approx(net_amount / size))


@pytest.mark.parametrize("metric", METRICS)
def test_the_planted_effect_lies_in_both_intervals(
    marts: duckdb.DuckDBPyConnection, truth: dict[str, Any], metric: str
) -> None:
    """An interval that is too narrow, or around something else than the lift."""
    planted = truth["planted"]["experiment"]
    effect = planted["true_effect"][metric]
    columns = "ci_low, ci_high, adjusted_ci_low, adjusted_ci_high"
    low, high, adjusted_low, adjusted_high = _results(
        marts, columns, metric, planted["name"]
    )[planted["arms"][1]]

    assert low < effect < high
    assert adjusted_low < effect < adjusted_high


def test_holdouts_divide_everybody_known_before_the_window(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """A customer who drops out of a holdout, or comes into its window later."""
    [(known,)] = _rows(
        marts,
        "select count(*) from marts.dim_customer where first_seen_at "
        "< timestamp '2025-06-16 16:00'",
    )
    sizes = _rows(
        marts,
        "select experiment, count(*), min(assigned_on), max(assigned_on) "
        "from marts.experiment_assignment where assigned_by = 'holdout' "
        "group by experiment order by experiment",
    )
    day = date(2025, 6, 17)
    assert sizes == [
        (name, known, day, day)
        for name in ("new_customer_off", "no_contact", "win_back_off")
    ]


def test_repurchase_is_that_of_the_orders(
    marts: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    """Counted one customer after the other, by channel."""
    as_of = date.fromisoformat(truth["as_of_date"])
    days: dict[str, list[date]] = defaultdict(list)
    for customer_id, day in _rows(
        marts,
        "select customer_id, order_date from marts.fct_orders where is_valid "
        "order by order_date",
    ):
        days[customer_id].append(day)
    channels = dict(
        _rows(marts, "select customer_id, acquisition_channel from marts.dim_customer")
    )
    expected: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for customer_id, (first, *later) in days.items():
        if (as_of - first).days >= 90:
            counts = expected[channels[customer_id] or "unknown"]
            counts[0] += 1
            counts[1] += any(0 < (day - first).days <= 90 for day in later)

    found = _rows(
        marts,
        "select value, customers, repurchased from marts.repurchase_drivers "
        "where driver = 'acquisition_channel'",
    )
    assert {value: counts for value, *counts in found} == expected


def test_every_order_is_credited_once(marts: duckdb.DuckDBPyConnection) -> None:
    """The last message before an order gets it; others only show that it followed."""
    followed = _rows(
        marts,
        "select distinct order_id from marts.touch_outcome where converted "
        "order by order_id",
    )
    credited = _rows(
        marts,
        "select order_id from marts.touch_outcome where is_last_touch "
        "order by order_id",
    )

    assert followed != []
    assert credited == followed
