"""The stores' till system: one GB18030 file a month, since June 2025 one a day.

There are only lines, without numbers: two equal lines in one file are two pieces sold,
but sales after closing time on a file's last day are repeated in the next file. On the
day on which the stores are closed, the file has only its header.
"""

from __future__ import annotations

from itertools import pairwise

from demo_shop.dirt import MISSING, NUMBER, TIME, CsvDamage
from demo_shop.extracts import NEW, REPEAT, Extract, delimited
from demo_shop.files import TextForm
from demo_shop.season import (
    CLOSED_DAY,
    DAYS,
    HOUR,
    MONTHS,
    day_at,
    day_of,
    month_starts,
    wall,
)
from demo_shop.store import Store

_CASH_CLOSES = 20 * HOUR
_HEADER = "流水号,门店编号,交易时间,会员卡号,商品编码,商品名称,数量,单价,状态"
_STATUS = """
case status
    when 'cancelled' then '已作废'
    when 'refunded' then '已退货'
    else '已完成'
end"""


def _file_starts() -> list[int]:
    """Return the first day of each file, and the day after the last."""
    starts = [int(day) for day in day_at(month_starts())[: MONTHS - 1]]
    return starts + list(range(int(day_at(month_starts())[MONTHS - 1]), DAYS + 1))


def _paths(starts: list[int]) -> tuple[str, ...]:
    """Name the files by month or by day."""
    forms = ["%Y-%m"] * (MONTHS - 1) + ["%Y-%m-%d"] * (len(starts) - MONTHS)
    return tuple(
        f"data/pos/sales_{day_of(start).strftime(form)}.csv"
        for start, form in zip(starts, forms, strict=False)
    )


def pos_extract(store: Store) -> Extract:
    """Return the extract of the tills' lines."""
    starts = _file_starts()
    spans = ", ".join(
        f"({number}, {wall(first)}, {wall(last)}, {wall(last - 1, _CASH_CLOSES)})"
        for number, (first, last) in enumerate(pairwise(starts))
    )
    closed = starts.index(CLOSED_DAY)
    store.run(f"""
        create table pos_files as select * from (values {spans})
            as spans (file_no, starts_at, ends_at, late_at);
        create table pos_lines as
        with sold as (
            select orders.*, lines.* exclude (order_no), products.name, file_no, late_at
            from orders
            join lines using (order_no)
            join products using (product)
            join pos_files on ordered_at >= starts_at and ordered_at < ends_at
            where in_store
        )
        select *, '{NEW}' as kind from sold
        union all
        select * replace (file_no + 1 as file_no), '{REPEAT}' from sold
        where ordered_at >= late_at and file_no + 1 <> {closed}
            and file_no < (select max(file_no) from pos_files)
    """)
    fields = (
        "order_id(order_no, true, amount, ordered_at)",
        "store",
        "plain_time(ordered_at)",
        "customer_id(customer_no)",
        "product",
        "csv(name)",
        "quantity",
        "money(cents)",
        _STATUS,
    )
    return Extract(
        source="pos",
        entity="order_lines",
        table="pos_lines",
        line=delimited(*fields),
        order="ordered_at, order_no, line_no, kind",
        paths=_paths(starts),
        form=TextForm(_HEADER, encoding="gb18030"),
        damage=CsvDamage({NUMBER: 7, TIME: 2, MISSING: 4}),
    )
