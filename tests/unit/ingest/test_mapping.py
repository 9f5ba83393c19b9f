"""Which rows a mapping accepts, rejects with which reasons, and leaves out."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from support.shops import ORDER_COLUMNS, ORDER_HEADER, Shop

ROWS = "1,c,2024-01-01,5\n2,d,2024-01-01,x\n"


def loaded(
    shop: Shop, rows: str = ROWS, header: str = ORDER_HEADER, **keys: Any
) -> Shop:
    """The shop after one file of these rows."""
    shop.source(**{"max_bad_share": 1, **keys})
    shop.write(f"{shop.sources[0]['entity']}.csv", header + rows)
    assert shop.problems() == []
    return shop


def mapped(**changes: str) -> dict[str, str]:
    return {**ORDER_COLUMNS, **changes}


def test_a_failing_expression_rejects_its_row_only(shop: Shop) -> None:
    loaded(shop, columns=mapped(amount="cast(amount as integer)"))
    assert shop.landed("orders", "order_id, amount") == [("1", Decimal(5))]
    assert shop.quarantined("row, reasons") == [(2, "amount: the expression failed")]


def test_the_original_row_is_kept_as_it_was(shop: Shop) -> None:
    loaded(shop, "2, d ,2024-01-01,x\n", options={"nulls": ["d"]})
    ((raw,),) = shop.quarantined("raw")
    original = {"id": "2", "customer": " d ", "paid": "2024-01-01", "amount": "x"}
    assert json.loads(raw) == original


def test_every_reason_is_named(shop: Shop) -> None:
    loaded(shop, ",c,2024-02-30,it's\n")
    ((reasons,),) = shop.quarantined("reasons")
    assert set(reasons.split("; ")) == {
        "order_id: missing",
        "ordered_at: '2024-02-30' is not a time (YYYY-MM-DD HH:MM:SS, ISO 8601, or "
        "epoch seconds or milliseconds)",
        "amount: 'it's' is not an amount of money",
    }


@pytest.mark.parametrize(
    ("where", "counts"),
    [
        ("amount = '5'", (1, 0, 1)),
        ("nullif(amount, '5') = 'x'", (0, 1, 1)),
        ("false", (0, 0, 2)),
        ("cast(amount as integer) > 1", (1, 1, 0)),
        ("_row = 1", (1, 0, 1)),
        ("_file = 'orders.csv' and id = '1'", (1, 0, 1)),
    ],
)
def test_where_accepts_leaves_out_or_fails(
    shop: Shop, where: str, counts: tuple[int, int, int]
) -> None:
    """Null leaves a row out; an error is no answer, so the row is rejected."""
    (load,) = loaded(shop, where=where).loads()
    found = (load.rows_accepted, load.rows_quarantined, load.rows_filtered)
    assert found == counts


def test_row_numbers_are_those_before_where(shop: Shop) -> None:
    loaded(shop, "1,c,2024-01-01,5\n2,d,2024-01-01,6\n", where="id = '2'")
    assert shop.landed("orders", "_row") == [(2,)]


@pytest.mark.parametrize("where", ["amount", "1", "{'a': 1}"])
def test_where_must_be_true_or_false(shop: Shop, where: str) -> None:
    shop.source(where=where).write("orders.csv", ORDER_HEADER + ROWS)
    (problem,) = shop.problems()
    assert "orders.csv: where: gives" in problem


@pytest.mark.parametrize(
    ("paid", "accepted"),
    [
        ("1989-12-31 23:59:59", False),
        ("1990-01-01 00:00:00", True),
        ("2100-01-01 23:59:59", True),
        ("2100-01-02 00:00:00", False),
    ],
)
def test_time_bounds_are_days_of_the_source(
    shop: Shop, paid: str, accepted: bool
) -> None:
    """In UTC the first of January begins in the old year."""
    loaded(shop, f"1,c,{paid},5\n")
    assert bool(shop.landed("orders")) == accepted


def test_a_source_may_believe_other_times(shop: Shop) -> None:
    loaded(shop, "1,c,1989-12-31,5\n", time_bounds=["1900-01-01", "9999-12-31"])
    assert len(shop.landed("orders")) == 1


def test_naive_times_are_read_in_the_zone_of_the_source(shop: Shop) -> None:
    loaded(shop, "1,c,2024-07-01,5\n", timezone="Europe/London")
    assert shop.landed("orders", "ordered_at") == [(datetime(2024, 6, 30, 23),)]


@pytest.mark.parametrize(
    ("status", "landed"),
    [("PAID", "paid"), (" refunded ", "refunded"), ("", None), ("done", "rejected")],
)
def test_statuses(shop: Shop, status: str, landed: str | None) -> None:
    loaded(shop, "1,c,2024-01-01,5\n", columns=mapped(status=f"'{status}'"))
    if landed == "rejected":
        assert "status: 'done' is not one of pending" in shop.quarantined()[0][1]
    else:
        assert shop.landed("orders", "status") == [(landed,)]


@pytest.mark.parametrize(
    ("currency", "ok"), [("cny", True), ("", True), ("USD", False)]
)
def test_currencies(shop: Shop, currency: str, ok: bool) -> None:
    loaded(shop, "1,c,2024-01-01,5\n", columns=mapped(currency=f"'{currency}'"))
    assert bool(shop.landed("orders")) == ok


def test_texts_that_mean_nothing(shop: Shop) -> None:
    rows = "1,NULL,2024-01-01,5\n2,\\N,2024-01-01,NULL\n"
    loaded(shop, rows, options={"nulls": ["NULL", "\\N"]})
    assert shop.landed("orders", "order_id, customer_id") == [("1", None)]
    assert shop.quarantined("row, reasons") == [(2, "amount: missing")]


def test_a_namespace_keeps_order_ids_apart(shop: Shop) -> None:
    loaded(shop, "1,c,2024-01-01,5\n", namespace="mall")
    assert shop.landed("orders", "order_id") == [("mall:1",)]


def test_lines_need_one_of_two_amounts(shop: Shop) -> None:
    header = (
        "order_id,customer_id,ordered_at,product_id,quantity,unit_price,line_amount\n"
    )
    rows = [
        "1,c,2024-01-01,p,1,5,\n",
        "1,c,2024-01-01,p,1,,5\n",
        "1,c,2024-01-01,p,1,,\n",
    ]
    loaded(shop, "".join(rows), header, entity="order_lines")
    assert len(shop.landed("order_lines")) == 2
    missing = "unit_price or line_amount: missing"
    assert shop.quarantined("row, reasons") == [(3, missing)]


def test_a_file_with_neither_amount_says_so(shop: Shop) -> None:
    header = "order_id,customer_id,ordered_at,product_id,quantity\n"
    shop.source("order_lines").write("order_lines.csv", header)
    (problem,) = shop.problems()
    assert "no column is named unit_price or line_amount" in problem


def test_extra_columns_of_members_are_attributes(shop: Shop) -> None:
    columns = {"customer_id": "id", "skin": "skin", "Age": "try_cast(age as integer)"}
    loaded(
        shop,
        '1, oily ,x\n2,"a ""b""",30\n',
        "id,skin,age\n",
        entity="members",
        columns=columns,
    )
    landed = shop.landed("members", "_row, attributes")
    attributes = [json.loads(text) for _, text in landed]
    assert attributes == [{"Age": None, "skin": "oily"}, {"Age": "30", "skin": 'a "b"'}]


def test_a_failing_attribute_rejects_its_row(shop: Shop) -> None:
    columns = {"customer_id": "id", "age": "cast(age as integer)"}
    loaded(shop, "1,x\n2,30\n", "id,age\n", entity="members", columns=columns)
    assert shop.quarantined("row, reasons") == [(1, "age: the expression failed")]


def test_an_expression_that_always_fails_rejects_all(shop: Shop) -> None:
    loaded(shop, columns=mapped(amount="cast('abc' as integer)"))
    assert len(shop.quarantined()) == 2


def test_a_broken_expression_names_file_and_column(shop: Shop) -> None:
    shop.source(columns=mapped(amount="amount +", customer_id="kustomer"))
    shop.write("orders.csv", ORDER_HEADER + ROWS)
    (problem,) = shop.problems()
    assert "orders.csv: " in problem
    assert "amount: not a SQL expression" in problem
    assert (
        "customer_id: the file has no column 'kustomer'. Did you mean 'customer'?"
        in problem
    )
