"""Whenever files come, before or after a customer is forgotten, the facts are equal."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from support.shops import ORDER_HEADER, Shop

from pipeline.storage.tombstones import Tombstones

HER = "C0000042"
OWNERS = {"o-1": HER, "o-2": HER, "o-3": "C0000043", "o-4": "C0000044"}
LINE_HEADER = "order_id,line_no,ordered_at,product_id,quantity,unit_price\n"

# An order comes with its customer or as a guest's, in one of four files.
Orders = list[tuple[str, bool, int]]
Lines = list[tuple[str, int, int]]
orders = st.lists(
    st.tuples(st.sampled_from(sorted(OWNERS)), st.booleans(), st.integers(0, 3)),
    max_size=8,
)
lines = st.lists(
    st.tuples(st.sampled_from(sorted(OWNERS)), st.integers(1, 2), st.integers(0, 3)),
    max_size=8,
)


@settings(max_examples=8)
@given(orders=orders, lines=lines, before=st.integers(0, 4))
def test_the_moment_of_forgetting_does_not_matter(
    orders: Orders, lines: Lines, before: int
) -> None:
    """``before`` files of each kind have landed when she is forgotten."""
    with TemporaryDirectory() as folder:
        shop = Shop(Path(folder)).source().source("order_lines")
        shop.write("orders-none.csv", ORDER_HEADER)
        shop.write("order_lines-none.csv", LINE_HEADER)
        for number in range(before):
            write(shop, number, orders, lines)
        shop.ingest(register=True)
        Tombstones(shop.warehouse).add(hers(shop))
        shop.ingest(register=True)
        for number in range(before, 4):
            write(shop, number, orders, lines)
            shop.ingest(register=True)

        known = {order for order, is_named, _ in orders if is_named}
        gone = {order for order in known if OWNERS[order] == HER}
        assert shop.landed("orders", "order_id, customer_id") == sorted(
            (
                (order, OWNERS[order] if is_named else None)
                for order, is_named, _ in orders
                if order not in gone
            ),
            key=lambda row: (row[0], row[1] is None, row[1]),
        )
        assert shop.landed("order_lines", "order_id, line_no") == sorted(
            (order, line) for order, line, _ in lines if order not in gone
        )
        for load in shop.loads():
            kept = load.rows_accepted + load.rows_quarantined + load.rows_filtered
            assert load.rows_read == kept


def hers(shop: Shop) -> list[tuple[str, str]]:
    """What a tombstone is put up for: her id, and the orders known to be hers."""
    landed = shop.landed("orders", "distinct order_id, customer_id")
    return [("customer", HER), *(("order", o) for o, c in landed if c == HER)]


def write(shop: Shop, number: int, orders: Orders, lines: Lines) -> None:
    """Write the files of this number, each different from every other."""
    text = "".join(
        f"{order},{OWNERS[order] if is_named else ''},2024-01-0{number + 1},{place}\n"
        for place, (order, is_named, file) in enumerate(orders)
        if file == number
    )
    shop.write(f"orders-{number}.csv", f"{ORDER_HEADER}{text}" + "\n" * number)
    text = "".join(
        f"{order},{line},2024-01-0{number + 1},p,1,{place}\n"
        for place, (order, line, file) in enumerate(lines)
        if file == number
    )
    shop.write(f"order_lines-{number}.csv", f"{LINE_HEADER}{text}" + "\n" * number)
