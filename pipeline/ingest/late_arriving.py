"""Late or repeated files that hold a forgotten customer.

Rows of such a customer, lines of their orders, and rejected rows that name them are
dropped while the file is loaded, before anything is kept.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import duckdb

from pipeline.config.contract import ENTITIES
from pipeline.config.settings import Source
from pipeline.ingest.readers import Relation
from pipeline.storage.quoting import quote_text, read_parquet
from pipeline.storage.tombstones import Tombstones, is_persons_row, rows_that_name
from pipeline.storage.warehouse import Warehouse

_PERSON = ("customer_id", "referred_customer_id")


def without_forgotten(
    connection: duckdb.DuckDBPyConnection,
    warehouse: Warehouse,
    source: Source,
    stage: Path,
    relation: Relation,
) -> tuple[Path, Relation]:
    """The stage and the relation of a file without rows of forgotten customers.

    Orders of theirs that were not known before get a tombstone: their lines may be in
    another file, earlier or later.
    """
    entity = ENTITIES[source.entity]
    table, keys = read_parquet(stage), person_keys(source)
    is_theirs = is_persons_row(entity.names)
    if "referred_customer_id" in entity.names:
        mentioned = "privacy.is_forgotten('customer', referred_customer_id)"
        is_theirs = f"({is_theirs} or (_state = 'rejected' and {mentioned}))"
    rejected = f"(select _row, _raw as raw from {table} where _state = 'rejected')"
    named = f"select _row from ({rows_that_name(rejected, keys)}) where is_named"
    if {"order_id", "customer_id"} <= set(entity.names):
        _add_orders(connection, warehouse, table)
    kept = stage.with_name("kept.parquet")
    _write(
        connection,
        f"select * from {table} where not {is_theirs} and _row not in ({named})",
        kept,
    )
    if relation.broken_rows is None:
        return kept, relation
    broken = relation.broken_rows.with_name("kept-broken.parquet")
    rows = rows_that_name(read_parquet(relation.broken_rows), keys)
    _write(
        connection,
        f"select * exclude (is_named) from ({rows}) where not is_named",
        broken,
    )
    return kept, replace(relation, broken_rows=broken)


def person_keys(source: Source | None) -> str:
    """SQL for the columns of a source's raw files that may hold a customer's id.

    They are all names in the expressions that its mapping has for one, in lower case.
    """
    columns = source.columns if source else None
    expressions = [(columns or {}).get(name, name) for name in _PERSON]
    names = {
        (quoted or plain).lower()
        for expression in expressions
        for quoted, plain in re.findall(r'"([^"]+)"|(\w+)', expression)
    }
    return f"[{', '.join(quote_text(name) for name in sorted(names))}]"


def _add_orders(
    connection: duckdb.DuckDBPyConnection, warehouse: Warehouse, table: str
) -> None:
    """Add tombstones for orders in ``table`` of none but forgotten customers."""
    orders = connection.execute(
        "select privacy.hash_of('order', order_id) as hash from ("
        "select order_id, privacy.is_forgotten('customer', customer_id) as is_theirs "
        f"from {table} where order_id is not null and customer_id is not null) "
        "group by order_id having bool_and(is_theirs)"
    ).fetchall()
    if orders:
        Tombstones(warehouse).add_hashes({("order", hash_) for (hash_,) in orders})


def _write(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    to = quote_text(str(target))
    connection.execute(f"copy ({query}) to {to} (format parquet, compression zstd)")
