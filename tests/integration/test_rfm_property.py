"""RFM against a plain Python reference, on hundreds of drawn shops.

The reference counts in exact fractions. Distances to the next score are not computed by
it: the value is moved, with thresholds and other customers held, and scored again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.sql_models import render_model

AS_OF = date(2024, 3, 31)
METRICS = ("recency", "frequency", "monetary")
STEP = {"recency": Decimal(1), "frequency": Decimal(1), "monetary": Decimal("0.01")}
# More than any drawn value: moving a value by it passes everybody.
FAR = {"recency": Decimal(0), "frequency": Decimal(10**6), "monetary": Decimal(10**9)}
DISTANCE = {
    "recency": "recency_days_to_next_score",
    "frequency": "frequency_to_next_score",
    "monetary": "monetary_to_next_score",
}
MODELS = (
    "int_rfm_inputs",
    "int_rfm_values",
    "int_rfm_cuts",
    "int_rfm_metric_scores",
    "int_rfm_scores",
    "int_rfm_segment_cells",
    "rfm_thresholds",
    "rfm_scores",
)
# The segments of the contract: name, R from and to, F from and to.
SEGMENTS = [
    ("hibernating", 1, 2, 1, 2),
    ("at_risk", 1, 2, 3, 4),
    ("cant_lose", 1, 2, 5, 5),
    ("about_to_sleep", 3, 3, 1, 2),
    ("need_attention", 3, 3, 3, 3),
    ("loyal", 3, 4, 4, 5),
    ("promising", 4, 4, 1, 1),
    ("new", 5, 5, 1, 1),
    ("potential_loyalist", 4, 5, 2, 3),
    ("champions", 5, 5, 4, 5),
]


@dataclass(frozen=True)
class Order:
    """One order: whose, how many days before the as-of date, what for."""

    customer_id: str
    days_ago: int
    net_amount: Decimal
    is_valid: bool = True


@dataclass(frozen=True)
class Shop:
    """Orders and the rules they are scored by."""

    orders: tuple[Order, ...]
    methods: tuple[tuple[str, tuple[Decimal, ...]], ...]  # per metric: method, cuts
    window_days: int | None = None
    class_mode: str = "score"


Values = dict[str, Decimal]


def metric_values(shop: Shop) -> dict[str, Values]:
    """Return the value of every customer for each metric."""
    values: dict[str, Values] = {metric: {} for metric in METRICS}
    for order in shop.orders:
        outside = shop.window_days is not None and order.days_ago >= shop.window_days
        if not order.is_valid or outside:
            continue
        who, days = order.customer_id, Decimal(order.days_ago)
        values["recency"][who] = min(values["recency"].get(who, days), days)
        for metric, plus in (("frequency", Decimal(1)), ("monetary", order.net_amount)):
            values[metric][who] = values[metric].get(who, Decimal(0)) + plus
    return values


def standings(values: Values, method: str) -> dict[str, Fraction]:
    """Return what is compared with the cut points: values, or ranks of them."""
    if method != "rank":
        return {who: Fraction(value) for who, value in values.items()}
    ranked = sorted((value, who) for who, value in values.items())
    return {who: Fraction(rank) for rank, (_, who) in enumerate(ranked, 1)}


def cut_points(
    values: Values, method: str, fixed: tuple[Decimal, ...]
) -> list[Fraction]:
    """Return the four cut points, quantiles by linear interpolation."""
    if method == "fixed":
        return [Fraction(cut) for cut in fixed]
    ordered = sorted(standings(values, method).values())
    cuts = []
    for fifth in (1, 2, 3, 4):
        place = Fraction(fifth, 5) * (len(ordered) - 1)
        low, high = int(place), min(int(place) + 1, len(ordered) - 1)
        cuts.append(ordered[low] + (place - low) * (ordered[high] - ordered[low]))
    return cuts


def score(metric: str, standing: Fraction, cuts: list[Fraction]) -> int:
    """Return the score: by the number of cut points strictly below."""
    below = sum(cut < standing for cut in cuts)
    return 5 - below if metric == "recency" else 1 + below


def moved_score(
    metric: str,
    method: str,
    values: Values,
    cuts: list[Fraction],
    who: str,
    to: Decimal,
) -> int:
    """Return the score if one customer's value were another and all else the same."""
    return score(metric, standings(values | {who: to}, method)[who], cuts)


def classes(rows: Mapping[str, Mapping[str, Decimal]]) -> dict[str, str]:
    """Return H or L per metric: strictly above the mean of all customers."""
    letters = dict.fromkeys(rows["frequency"], "")
    for metric in METRICS:
        compared = {who: Fraction(value) for who, value in rows[metric].items()}
        for who, value in compared.items():
            above = value * len(compared) > sum(compared.values())
            letters[who] += "H" if above else "L"
    return letters


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database with the tables that the models read."""
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.execute(
            "create table fct_orders (customer_id varchar, order_date date, "
            "net_amount decimal(18, 2), is_valid boolean);"
            f"create table int_rfm_days as select date '{AS_OF}' as as_of_date;"
            "create table rfm_scoring (metric varchar, method varchar, "
            "cut_1 decimal(18, 4), cut_2 decimal(18, 4), cut_3 decimal(18, 4), "
            "cut_4 decimal(18, 4));"
            "create table rfm_segments (priority int, segment varchar, r_min int, "
            "r_max int, f_min int, f_max int, m_min int, m_max int, value_tier varchar)"
        )
        opened.executemany(
            "insert into rfm_segments values (?, ?, ?, ?, ?, ?, null, null, 'high')",
            [(n, *segment) for n, segment in enumerate(SEGMENTS)],
        )
        yield opened


def evaluate(connection: duckdb.DuckDBPyConnection, shop: Shop) -> None:
    """Build the RFM models on the shop."""
    connection.execute("delete from fct_orders; delete from rfm_scoring")
    rows = [
        (o.customer_id, AS_OF - timedelta(o.days_ago), o.net_amount, o.is_valid)
        for o in shop.orders
    ]
    if rows:
        places = ", ".join(["(?, ?, ?, ?)"] * len(rows))
        flat = [cell for row in rows for cell in row]
        connection.execute(f"insert into fct_orders values {places}", flat)
    for metric, (method, cuts) in zip(METRICS, shop.methods, strict=True):
        four: list[Decimal | None] = [None] * 4
        if method == "fixed":
            four = list(cuts)
        connection.execute(
            "insert into rfm_scoring values (?, ?, ?, ?, ?, ?)", [metric, method, *four]
        )
    variables = {
        "as_of_date": str(AS_OF),
        "rfm_window_days": shop.window_days,
        "rfm_class_mode": shop.class_mode,
    }
    for name in MODELS:
        sql = render_model(name, variables)
        connection.execute(f"create or replace temp table {name} as {sql}")


def rows_of(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    """Return the table's rows as dictionaries."""
    result = connection.execute(f"select * from {table}")
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def check(connection: duckdb.DuckDBPyConnection, shop: Shop) -> None:
    """Compare every column of the marts with the reference."""
    evaluate(connection, shop)
    got = {row["customer_id"]: row for row in rows_of(connection, "rfm_scores")}
    thresholds = {
        (row["metric"], row["cut"]): row["threshold"]
        for row in rows_of(connection, "rfm_thresholds")
    }
    values = metric_values(shop)
    assert set(got) == set(values["frequency"])
    scores: dict[str, dict[str, Decimal]] = {metric: {} for metric in METRICS}
    for metric, (method, fixed) in zip(METRICS, shop.methods, strict=True):
        if not values[metric]:
            continue
        cuts = cut_points(values[metric], method, fixed)
        assert [thresholds[metric, n] for n in (1, 2, 3, 4)] == [float(c) for c in cuts]
        for who, standing in standings(values[metric], method).items():
            expected = score(metric, standing, cuts)
            assert got[who][f"{metric[0]}_score"] == expected, (metric, who)
            scores[metric][who] = Decimal(expected)
            check_distance(metric, method, values[metric], cuts, who, got[who])
    if not got:
        return
    raw = {**values, "recency": {w: -v for w, v in values["recency"].items()}}
    expected_classes = classes(raw if shop.class_mode == "raw" else scores)
    for who, row in got.items():
        assert row["recency_days"] == values["recency"][who]
        assert row["frequency"] == values["frequency"][who]
        assert row["monetary"] == values["monetary"][who]
        r, f, m = (int(scores[metric][who]) for metric in METRICS)
        assert row["rfm_code"] == f"{r}{f}{m}"
        assert row["rfm_class"] == expected_classes[who]
        (segment,) = [s[0] for s in SEGMENTS if s[1] <= r <= s[2] and s[3] <= f <= s[4]]
        assert row["rfm_segment"] == segment


def check_distance(
    metric: str,
    method: str,
    values: Values,
    cuts: list[Fraction],
    who: str,
    row: Mapping[str, Any],
) -> None:
    """Move the value: the distance lifts the score, one step less does not."""

    def after(value: Decimal) -> int:
        return moved_score(metric, method, values, cuts, who, value)

    now, distance = values[who], row[DISTANCE[metric]]
    best = 0 if metric == "recency" else now + FAR[metric]
    if distance is None:
        assert after(Decimal(best)) == after(now), (metric, who)
        return
    assert distance > 0
    sign = -1 if metric == "recency" else 1
    target = now + sign * Decimal(distance)
    assert target >= 0
    assert after(target) > after(now), (metric, who)
    assert after(target - sign * STEP[metric]) == after(now), (metric, who)


# Few values, so that ties are many; ids whose order as text is not that of numbers.
IDS = st.sampled_from(["1", "10", "2", "9", "A", "a", "b", "é", "客户", "z", "zz", "k"])
DAYS = st.one_of(st.integers(0, 12), st.sampled_from([29, 30, 31, 364, 365, 366, 4000]))
AMOUNTS = st.one_of(
    st.sampled_from([Decimal(n) for n in ("0.01", "9.70", "9.71", "8.29", "100.00")]),
    st.decimals(Decimal("0.01"), Decimal("99999.99"), places=2),
)
ORDERS = st.builds(
    Order, IDS, DAYS, AMOUNTS, st.sampled_from([True, True, True, False])
)
CUTS = st.lists(
    st.decimals(Decimal(0), Decimal(40), places=4)
    | st.integers(0, 12).map(Decimal)
    | st.sampled_from([Decimal("8.29"), Decimal("9.7"), Decimal("100")]),
    min_size=4,
    max_size=4,
).map(lambda cuts: tuple(sorted(cuts)))
METHODS = st.tuples(st.sampled_from(["quantile", "fixed", "rank"]), CUTS)
SHOPS = st.builds(
    Shop,
    st.lists(ORDERS, max_size=40).map(tuple),
    st.tuples(METHODS, METHODS, METHODS),
    st.sampled_from([None, 1, 30, 365]),
    st.sampled_from(["score", "raw"]),
)
NO_CUTS = (Decimal(0),) * 4
QUANTILE = (("quantile", NO_CUTS),) * 3
RANK = (("rank", NO_CUTS),) * 3
SAME = tuple(Order(who, 5, Decimal("9.70")) for who in ("a", "b", "c", "d"))


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(SHOPS)
@example(Shop((), QUANTILE))
@example(Shop((), RANK))
@example(Shop((Order("a", 3, Decimal(5)),), QUANTILE))
@example(Shop((Order("a", 3, Decimal(5)),), RANK))
@example(Shop(SAME, QUANTILE))
@example(Shop(SAME, RANK, class_mode="raw"))
@example(Shop((Order("a", 365, Decimal(5)), Order("b", 364, Decimal(5))), RANK, 365))
def test_marts_equal_the_reference(
    connection: duckdb.DuckDBPyConnection, shop: Shop
) -> None:
    check(connection, shop)


@pytest.mark.parametrize("method", ["quantile", "rank"])
@pytest.mark.parametrize("class_mode", ["score", "raw"])
def test_a_shop_of_a_thousand_customers(
    connection: duckdb.DuckDBPyConnection, method: str, class_mode: str
) -> None:
    """Enough customers for every score, with long runs of equal values; scores only."""
    orders = [
        Order(f"c{n * 7919 % 1000}", (n * 31 + repeat) % 300, Decimal(n % 97) + 1)
        for n in range(1000)
        for repeat in range(1 + (n % 5) ** 2 // 4)
    ]
    shop = Shop(tuple(orders), ((method, NO_CUTS),) * 3, None, class_mode)
    values = metric_values(shop)
    assert len(values["frequency"]) == 1000
    evaluate(connection, shop)
    for metric in METRICS:
        cuts = cut_points(values[metric], method, NO_CUTS)
        expected = {
            who: score(metric, standing, cuts)
            for who, standing in standings(values[metric], method).items()
        }
        got = connection.execute(
            f"select customer_id, {metric[0]}_score from rfm_scores"
        ).fetchall()
        assert dict(got) == expected
