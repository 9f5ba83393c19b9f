"""The online mall's extracts: orders and their lines, a file a month.

Each month's orders file holds the orders of the month, earlier orders that have changed
since, and, as an overlap, the orders of the two days before the month again. Lines come
once, and again in the overlap. Some are test orders of the staff.
"""

from __future__ import annotations

from demo_shop.dirt import BOUNDS, MISSING, NUMBER, TIME, CsvDamage
from demo_shop.extracts import (
    FILTERED,
    NEW,
    REPEAT,
    UPDATE,
    Extract,
    delimited,
    monthly,
)
from demo_shop.files import TextForm
from demo_shop.season import DAY
from demo_shop.store import Store
from demo_shop.vocabulary import REMARKS

_OVERLAP = 2 * DAY
_TESTS = "order_no % 400 = 7"

_ORDER_HEADER = (
    "order_id,member_id,created_at,total,status,refund,channel,coupon,campaign,"
    "remark,is_test,updated_at"
)
_LINE_HEADER = "order_id,line,created_at,sku,qty,price,is_sample"

# One shop, four ways to write a time.
_MIXED_TIME = """
case order_no % 10
    when 0 then strftime(at_time(ordered_at), '%Y/%m/%d %H:%M')
    when 1 then strftime(at_time(ordered_at), '%Y-%m-%dT%H:%M:%S') || '+08:00'
    when 2 then ((ordered_at - 28800) * 1000)::varchar
    else plain_time(ordered_at)
end"""
_ORDER_ID = (
    f"case kind when '{FILTERED}' then 'TEST' else '' end "
    "|| order_id(order_no, false, amount, ordered_at)"
)


def _order_table(store: Store) -> None:
    """Create the table of the versions of orders, with the file of each."""
    first = (
        "first_status as shown, first_refund as back, first_updated_at as changed_at"
    )
    last = "status as shown, refund as back, updated_at as changed_at"
    store.run(f"""
        create table mall_orders as
        with sold as (select * from orders where not in_store)
        select *, month as file_no, '{NEW}' as kind, {first} from sold
        union all
        select *, updated_month, '{UPDATE}', {last}
        from sold where updated_month > month
        union all
        select sold.*, sold.month + 1, '{REPEAT}', {first}
        from sold join months using (month)
        where ordered_at >= ends_at - {_OVERLAP}
            and month < (select max(month) from months)
        union all
        select * replace (null as customer_no), month, '{FILTERED}', {first}
        from sold where {_TESTS}
    """)


def order_extract(store: Store) -> Extract:
    """Return the extract of the mall's orders."""
    _order_table(store)
    texts = ", ".join("'" + remark.replace("'", "''") + "'" for remark in REMARKS)
    remark = f"csv(case when order_no % 9 = 4 then [{texts}][order_no % 5 + 1] end)"
    fields = (
        _ORDER_ID,
        "customer_id(customer_no)",
        _MIXED_TIME,
        "money(amount)",
        "shown",
        "case when back > 0 then money(back) end",
        "channel",
        "coupon",
        "campaign",
        remark,
        f"(kind = '{FILTERED}')::integer",
        "plain_time(changed_at)",
    )
    return Extract(
        source="mall_orders",
        entity="orders",
        table="mall_orders",
        line=delimited(*fields),
        order="ordered_at, order_no, kind",
        paths=monthly("data/mall/orders_{}.csv"),
        form=TextForm(_ORDER_HEADER),
        damage=CsvDamage(
            {NUMBER: 3, TIME: 2, MISSING: 2, BOUNDS: 2},
            certain={10: "0"},
            # The export was interrupted in the night of Double 11.
            truncated=frozenset({10}),
        ),
    )


def line_extract(store: Store) -> Extract:
    """Return the extract of the mall's order lines; needs ``order_extract`` before."""
    store.run(f"""
        create view mall_lines as
        select placed.file_no, placed.kind, placed.ordered_at, placed.amount, lines.*,
            products.is_sample
        from mall_orders as placed
        join lines using (order_no)
        join products using (product)
        where kind <> '{UPDATE}'
    """)
    fields = (
        _ORDER_ID,
        "line_no",
        "plain_time(ordered_at)",
        "product",
        "quantity",
        "money(cents)",
        "is_sample::integer",
    )
    return Extract(
        source="mall_lines",
        entity="order_lines",
        table="mall_lines",
        line=delimited(*fields),
        order="ordered_at, order_no, kind, line_no",
        paths=monthly("data/mall/order_lines_{}.csv.gz"),
        form=TextForm(_LINE_HEADER),
        damage=CsvDamage(
            {NUMBER: 4, TIME: 2, MISSING: 3}, certain={0: "M24010100000000"}
        ),
    )
