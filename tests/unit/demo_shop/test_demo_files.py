"""Truth against the files: what they hold, counted by a second, independent reading."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
from demo_reading import Facts, net, valid_orders

Truth = dict[str, Any]
END = datetime(2025, 7, 1)


def test_every_file_holds_the_rows_that_truth_says(
    shop: Path, truth: Truth, facts: Facts
) -> None:
    """A row counted twice or a bad row elsewhere would mislead every later test."""
    on_disk = {p.relative_to(shop).as_posix() for p in shop.glob("data/**/*.*")}
    assert on_disk == {entry["path"] for entry in truth["files"]}
    for entry in truth["files"]:
        if entry["path"].endswith(".xlsx"):
            continue
        file = facts.files[entry["path"]]
        assert len(file.rows) == entry["accepted"], entry["path"]
        assert file.filtered == entry["filtered"], entry["path"]
        bad = [(row["row"], row["reason"]) for row in entry["bad_rows"]]
        assert file.bad == bad, entry["path"]
        assert entry["rows"] == sum(
            entry[k] for k in ("accepted", "rejected", "filtered")
        )
        assert len(bad) < 0.05 * max(entry["rows"], 1)


def test_counts_of_distinct_facts(truth: Truth, facts: Facts) -> None:
    counts = truth["counts"]
    now = [event for event in facts.events if event["at"] < END]
    assert len(facts.orders) == counts["orders"]
    assert facts.lines.total() == counts["order_lines"]
    assert len(now) == counts["interactions"]
    assert (
        len(facts.events) - len(now) == truth["after_as_of_date"]["interactions"] == 1
    )
    assert len(facts.members) == counts["members"]
    assert len(facts.consents) == counts["consents"]
    assert len(facts.identities) == counts["identities"]
    assert len(facts.contacts) == counts["contacts"]
    assert len(facts.arms) == counts["assignments"]
    guests = sum(not order["member_id"] for order in facts.orders.values())
    assert guests == counts["orders_of_guests"] > 0
    anonymous = sum(event["customer"] is None for event in now)
    assert anonymous == counts["interactions_of_guests"] > 0


def test_known_customers(truth: Truth, facts: Facts) -> None:
    known = {order["member_id"] for order in facts.orders.values()}
    known |= {event["customer"] for event in facts.events if event["at"] < END}
    known |= set(facts.members) | set(facts.arms)
    known |= {row[0] for row in facts.consents} | {row[0] for row in facts.contacts}
    known |= {row[2] for row in facts.identities}
    assert len(known - {"", None}) == truth["counts"]["customers"] == 2_000


def test_valid_orders(truth: Truth, facts: Facts) -> None:
    valid, expected = valid_orders(facts), truth["orders"]
    assert len(valid) == expected["valid"]
    assert len({order["member_id"] for order in valid}) == expected["customers"]
    assert str(sum(net(order) for order in valid)) == expected["net_amount"]
    months = Counter(order["created_at"].strftime("%Y-%m") for order in valid)
    assert {m: v["valid"] for m, v in expected["by_month"].items()} == months
    statuses = Counter(order["status"] for order in facts.orders.values())
    assert statuses == expected["by_status"]


def test_products(shop: Path, truth: Truth) -> None:
    page = openpyxl.load_workbook(shop / "data/products.xlsx").active
    assert page is not None
    rows = list(page.iter_rows(min_row=2, values_only=True))
    assert rows[-1][0] == "合计"
    listed = {row[0] for row in rows[:-1]}
    assert len(listed) == len(rows) - 1 == truth["counts"]["products_listed"]
    assert truth["counts"]["products"] == len(listed) + 1


def test_amounts_of_mall_orders_are_the_sums_of_their_lines(facts: Facts) -> None:
    totals: Counter[str] = Counter()
    seen = set()
    for path, file in facts.files.items():
        if "order_lines" in path:
            for row in file.rows:
                key = (row["order_id"], row["line"])
                if key not in seen:
                    totals[row["order_id"]] += row["qty"] * row["price"]
                seen.add(key)
    mall = {i: o["total"] for i, o in facts.orders.items() if i.startswith("M")}
    assert mall == totals


def test_one_row_a_customer_agrees_with_the_files(
    shop: Path, truth: Truth, facts: Facts
) -> None:
    listed = duckdb.sql(
        "select customer_id, valid_orders, net_amount, interactions "
        f"from '{shop}/{truth['planted']['one_row_a_customer']}'"
    ).fetchall()
    orders = Counter(order["member_id"] for order in valid_orders(facts))
    spent: Counter[str] = Counter()
    for order in valid_orders(facts):
        spent[order["member_id"]] += net(order)  # type: ignore[assignment]
    acts = Counter(event["customer"] for event in facts.events if event["at"] < END)
    for customer, count, amount, interactions in listed:
        assert count == orders[customer]
        assert amount == spent[customer]
        assert interactions == acts[customer]
