"""jsonl, Parquet and xlsx: rows, their numbers, their types, and what is damaged."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from support.shops import Shop

GOOD = {"id": "1", "customer": "c", "paid": "2024-01-01", "amount": 5}


def lines(*items: object) -> str:
    """A line for each: objects as JSON, texts as they are."""
    return "".join((i if isinstance(i, str) else json.dumps(i)) + "\n" for i in items)


def jsonl(shop: Shop, content: str | bytes, **keys: object) -> None:
    shop.source(path="o.jsonl", **{"max_bad_share": 1, **keys}).write(
        "o.jsonl", content
    )
    assert shop.problems() == []


def parquet(shop: Shop, query: str, **keys: object) -> list[str]:
    shop.source(path="o.parquet", **{"max_bad_share": 1, **keys})
    duckdb.sql(f"copy ({query}) to '{shop.folder / 'o.parquet'}' (format parquet)")
    return shop.problems()


def test_bad_lines_are_numbered_among_the_lines_that_are_not_blank(shop: Shop) -> None:
    jsonl(shop, lines(GOOD, "{bad", "", "[1]", " \t", "null", GOOD))
    assert [n for (n,) in shop.landed("orders", "_row")] == [1, 5]
    assert shop.quarantined("row, reasons, raw") == [
        (2, "not a JSON object", "{bad"),
        (3, "not a JSON object", "[1]"),
        (4, "not a JSON object", "null"),
    ]


def test_bytes_that_are_not_utf8(shop: Shop) -> None:
    bad = json.dumps(GOOD).encode().replace(b"c", b"\xff", 1) + b"\n"
    jsonl(shop, lines(GOOD).encode() + bad + lines(GOOD).encode())
    assert [n for (n,) in shop.landed("orders", "_row")] == [1, 3]
    ((row, reason),) = shop.quarantined("row, reasons")
    assert (row, reason) == (2, "bytes that are not valid utf-8")


def test_a_key_of_mixed_types_is_text(shop: Shop) -> None:
    amounts = ["6.5", 7, "x", [1], {"a": 1}, True, None]
    jsonl(shop, lines(*({**GOOD, "amount": a} for a in amounts)))
    landed = shop.landed("orders", "_row, amount")
    assert landed == [(1, Decimal("6.5")), (2, Decimal(7))]
    assert len(shop.quarantined()) == 5


def test_types_come_from_the_whole_file(shop: Shop) -> None:
    """A sample of whole numbers would turn the last into 3."""
    jsonl(shop, lines(*[GOOD] * 30_000, {**GOOD, "id": "2", "amount": 2.5}))
    rows = shop.landed("orders", "amount, order_id")
    assert (Decimal("2.5"), "2") in rows


def test_nested_values_and_missing_keys(shop: Shop) -> None:
    columns = {
        "order_id": "id",
        "customer_id": "buyer.id",
        "ordered_at": "paid",
        "amount": "parts[2]",
    }
    items = [
        {**GOOD, "buyer": {"id": "b"}, "parts": [1, 2]},
        {**GOOD, "buyer": None, "parts": [1, 3]},
        {**GOOD, "parts": [1]},
    ]
    jsonl(shop, lines(*items), columns=columns)
    assert shop.landed("orders", "_row, customer_id") == [(1, "b"), (2, None)]
    assert shop.quarantined("row, reasons") == [(3, "amount: missing")]


@pytest.mark.parametrize(
    "odd",
    [
        {"": 1},
        {"ID": "9"},
        {"x": {"": 1}},
        {"x": {}},
        {"_line": 1},
        {"_kept": 1},
        {"x": json.loads("[" * 300 + "]" * 300)},
    ],
)
def test_odd_keys_in_one_line_do_not_cost_the_file(
    shop: Shop, odd: dict[str, object]
) -> None:
    jsonl(shop, lines(GOOD, {**GOOD, **odd}))
    assert shop.landed("orders", "_row, order_id") == [(1, "1"), (2, "1")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("\n\n", "no line of the file is a JSON object"),
        ("{}\n{}\n", "no line of the file is a JSON object with a key"),
        (json.dumps([GOOD], indent=1), "no line of the file is a JSON object"),
        (lines({**GOOD, "_row": 1}), "the column name '_row' is reserved"),
        (json.dumps({**GOOD, "x": 0})[:-2] + "[" * 5000 + "]" * 5000 + "}", "deeply"),
    ],
)
def test_json_that_is_refused_whole(shop: Shop, content: str, says: str) -> None:
    shop.source(path="o.jsonl").write("o.jsonl", content)
    (problem,) = shop.problems()
    assert problem.startswith("source 'orders': o.jsonl: ")
    assert says in problem


def test_parquet_keeps_its_types(shop: Shop) -> None:
    query = (
        "select 7::bigint as id, 'c' as customer, "
        "timestamptz '2024-07-01 10:00:00+02' as paid, 2.5::double as amount"
    )
    columns = {
        "order_id": "typeof(paid)",
        "customer_id": "id + 1",
        "ordered_at": "paid",
        "amount": "amount * 2",
    }
    assert parquet(shop, query, columns=columns) == []
    assert shop.landed("orders", "order_id, customer_id, ordered_at, amount") == [
        ("TIMESTAMP WITH TIME ZONE", "8", datetime(2024, 7, 1, 8), Decimal(5))
    ]


def test_values_out_of_range_cost_their_own_row(shop: Shop) -> None:
    query = (
        "select i as id, 'c' as customer, 1 as amount, case i when 1 then date "
        "'5874897-12-31' else date '2024-01-01' end as paid from range(3) t(i)"
    )
    assert parquet(shop, query) == []
    assert [n for (n,) in shop.landed("orders", "_row")] == [1, 3]
    assert shop.quarantined("row, raw")[0][0] == 2


@pytest.mark.parametrize("content", [b"id,customer\n", b"PAR1 cut short"])
def test_a_file_that_is_no_parquet(shop: Shop, content: bytes) -> None:
    shop.source(path="o.parquet").write("o.parquet", content)
    (problem,) = shop.problems()
    assert problem.startswith("source 'orders': o.parquet: not a readable Parquet file")


FRAME = pd.DataFrame(
    {
        "id": ["007", None, "2"],
        "customer": ["c", None, None],
        "paid": [datetime(2024, 1, 1, 10), None, datetime(2024, 1, 3)],
        "amount": [1.5, None, 2],
    }
)


def sheet(shop: Shop, frame: pd.DataFrame, **keys: object) -> list[str]:
    header = keys.get("options") is None
    frame.to_excel(Path(shop.folder / "o.xlsx"), index=False, header=header)
    shop.source(path="o.xlsx", **{"max_bad_share": 1, **keys})
    return shop.problems()


def test_a_sheet_is_text_and_its_blank_rows_count_in_numbers(shop: Shop) -> None:
    assert sheet(shop, FRAME) == []
    landed = shop.landed("orders", "_row, order_id, customer_id, ordered_at, amount")
    assert landed == [
        (1, "007", "c", datetime(2024, 1, 1, 2), Decimal("1.5")),
        (3, "2", None, datetime(2024, 1, 2, 16), Decimal(2)),
    ]


def test_names_that_do_not_fit_the_sheet(shop: Shop) -> None:
    (problem,) = sheet(shop, FRAME, options={"header": False, "names": ["id"]})
    assert "options.names gives 1 names, but the sheet has 4 columns" in problem


def test_a_file_that_is_no_workbook(shop: Shop) -> None:
    shop.source(path="o.xlsx").write("o.xlsx", "id,customer\n")
    (problem,) = shop.problems()
    assert problem.startswith("source 'orders': o.xlsx: not a readable xlsx file")
