"""The clean tables: the demo shop as it really is, in a temporary DuckDB file.

Raw files are rendered from these tables and truth is computed from them, never from the
files. Chunks of customers are appended one by one, so memory does not grow with the
shop. Money is in cents, times are wall seconds (see ``season``), and -1 in appended
rows is null.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from demo_shop.season import MONTHS, month_starts

_MEMORY = "700MB"
_BATCH = 50_000

# A question mark means that -1 is null.
_TABLES = {
    "customers": (
        "customer_no bigint, story varchar, crowd varchar, is_member boolean, "
        "registered_at bigint?, channel varchar, campaign varchar, gender varchar, "
        "birth_day bigint?, region varchar, city_tier varchar, "
        "city_tier_before varchar, household varchar, occupation varchar, "
        "role varchar, wecom_at bigint?, persona varchar, group_id varchar, "
        "skin_type varchar, baby_stage varchar, travel varchar, note varchar, "
        "changed_at bigint?, main_product varchar, "
        "is_contributor boolean"
    ),
    "orders": (
        "order_no bigint, customer_no bigint?, in_store boolean, ordered_at bigint, "
        "month smallint, amount bigint, channel varchar, store varchar, "
        "coupon varchar, campaign varchar, cause varchar, first_status varchar, "
        "first_refund bigint, first_updated_at bigint, status varchar, refund bigint, "
        "updated_at bigint, updated_month smallint"
    ),
    "lines": (
        "order_no bigint, line_no smallint, product varchar, quantity smallint, "
        "cents integer"
    ),
    "events": (
        "event_no bigint, from_wecom boolean, customer_no bigint?, type varchar, "
        "happened_at bigint, month smallint, channel varchar, campaign varchar, "
        "content varchar, product varchar, persona varchar, scene varchar, "
        "referred_no bigint?, value smallint?"
    ),
    "contacts": (
        "customer_no bigint, channel varchar, sent_at bigint, campaign varchar, "
        "welcome varchar, outcome varchar"
    ),
    "consents": (
        "customer_no bigint, channel varchar, granted boolean, changed_at bigint"
    ),
    "arms": (
        "comparison varchar, customer_no bigint, is_treated boolean, started_at bigint"
    ),
    "products": (
        "product varchar, name varchar, category varchar, brand varchar, "
        "is_sample boolean, cents integer, consumption_days integer?, "
        "full_size varchar, is_listed boolean, number integer"
    ),
}

_MACROS = """
create macro at_time(t) as make_timestamp(t::bigint * 1000000);
create macro at_utc(t) as make_timestamp((t::bigint - 28800) * 1000000);
create macro plain_time(t) as at_time(t)::varchar;
create macro customer_id(n) as 'C' || lpad(n::varchar, 8, '0');
create macro money(cents) as (cents / 100.0)::decimal(18, 2)::varchar;
create macro order_id(n, store, amount, t) as
    case when not store then 'M' when amount < 0 then 'R' else 'S' end
    || replace((at_time(t)::date::varchar)[3:], '-', '') || lpad(n::varchar, 8, '0');
create macro touch_id(campaign, welcome, n) as
    coalesce(campaign, welcome) || '-' || customer_id(n);
create macro csv(field) as
    case
        when contains(field, ',') or contains(field, '"') or contains(field, chr(10))
            then '"' || replace(field, '"', '""') || '"'
        else field
    end;
create macro json(field) as coalesce('"' || field || '"', 'null');
"""


class Store:
    """The clean tables and the SQL macros by which they are rendered."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        for name, columns in _TABLES.items():
            self.run(f"create table {name} ({columns.replace('?', '')})")
        self.run(
            "create table months (month smallint, starts_at bigint, ends_at bigint)"
        )
        starts = month_starts()
        for month in range(MONTHS):
            self.run(
                "insert into months values "
                f"({month}, {starts[month]}, {starts[month + 1]})"
            )
        self.run(_MACROS)

    def append(self, table: str, frame: pd.DataFrame) -> int:
        """Append rows to a clean table and return their number."""
        values = []
        for column in _TABLES[table].split(", "):
            name, _, kind = column.partition(" ")
            values.append(f"nullif({name}, -1)" if kind.endswith("?") else name)
        self._connection.register("_frame", frame)
        self.run(f"insert into {table} select {', '.join(values)} from _frame")
        self._connection.unregister("_frame")
        return len(frame)

    def run(self, sql: str) -> None:
        """Execute statements that return nothing of interest."""
        self._connection.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a small result."""
        return self._connection.execute(sql).fetchall()

    def one(self, sql: str) -> Any:
        """Return the single value of a one-row result."""
        row = self._connection.execute(sql).fetchone()
        return row[0] if row else None

    def texts(self, sql: str) -> Iterator[list[str]]:
        """Yield the one text column of a large result in batches."""
        result = self._connection.execute(sql)
        while batch := result.fetchmany(_BATCH):
            yield [row[0] for row in batch]

    def to_parquet(self, sql: str, path: Path) -> None:
        """Write a result as a Parquet file."""
        target = str(path).replace("'", "''")
        self.run(
            f"copy ({sql}) to '{target}' "
            "(format parquet, compression zstd, row_group_size 100000)"
        )


@contextmanager
def open_store(scratch: Path) -> Iterator[Store]:
    """Yield an empty store with its files below ``scratch``, removed at the end."""
    with tempfile.TemporaryDirectory(prefix=".demo-", dir=scratch) as folder:
        connection = duckdb.connect(str(Path(folder) / "shop.duckdb"))
        try:
            connection.execute(f"set memory_limit = '{_MEMORY}'")
            connection.execute("set threads = 2")
            connection.execute(f"set temp_directory = '{folder}/spill'")
            yield Store(connection)
        finally:
            connection.close()
