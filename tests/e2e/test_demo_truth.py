"""The whole pipeline on a demo shop gives what was planted in it. One full run.

`truth.json` is computed from the clean facts before any dirt is added, so agreement
means that repeats, late updates, bad rows and guests were all dealt with rightly.
"""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_the_as_of_date_is_the_last_day_of_the_shop(
    marts: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    """A phone whose clock is decades ahead that moves every customer's recency."""
    as_of = _one(marts, "select max(as_of_date) from marts.published")
    assert as_of == date.fromisoformat(truth["as_of_date"])


@pytest.mark.parametrize(
    ("count", "query"),
    [
        ("customers", "select count(*) from marts.dim_customer"),
        ("members", "select count(*) from marts.dim_customer where is_member"),
        ("products", "select count(*) from marts.dim_product"),
        ("orders", "select count(*) from marts.fct_orders"),
        (
            "orders_of_guests",
            "select count(*) from marts.fct_orders where customer_id is null",
        ),
        ("order_lines", "select count(*) from marts.fct_order_lines"),
        ("interactions", "select count(*) from marts.fct_interactions"),
        (
            "interactions_of_guests",
            "select count(*) from marts.fct_interactions where customer_id is null",
        ),
    ],
)
def test_every_fact_counts_once(
    marts: duckdb.DuckDBPyConnection, truth: dict[str, Any], count: str, query: str
) -> None:
    """A repeat that is doubled, a late row that is lost."""
    assert _one(marts, query) == truth["counts"][count]


def test_orders_agree_to_the_cent(
    marts: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    """A refund that is missed, a status that is not the last one."""
    orders = marts.execute(
        "select count(*), count(distinct customer_id), sum(net_amount) "
        "from marts.fct_orders where is_valid"
    ).fetchone()
    planted = truth["orders"]
    expected = (planted["valid"], planted["customers"], Decimal(planted["net_amount"]))
    assert orders == expected
    by_status = dict(
        marts.execute(
            "select status, count(*) from marts.fct_orders group by 1"
        ).fetchall()
    )
    assert by_status == planted["by_status"]


def test_each_month_agrees(
    marts: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    """An order on the wrong side of midnight."""
    found = {
        month: {"valid": valid, "net_amount": str(net_amount)}
        for month, valid, net_amount in marts.execute(
            "select strftime(order_date, '%Y-%m'), count(*), sum(net_amount) "
            "from marts.fct_orders where is_valid group by 1"
        ).fetchall()
    }
    assert found == truth["orders"]["by_month"]


def test_each_customer_agrees(marts: duckdb.DuckDBPyConnection, shop: Path) -> None:
    """Totals that agree by chance while customers do not."""
    planted = str(shop / "truth_customers.parquet")
    columns = "customer_id, valid_orders, net_amount"
    ours = (
        "select customer_id, valid_orders, coalesce(spent.net_amount, 0) as net_amount "
        "from marts.dim_customer left join (select customer_id, "
        "sum(net_amount) as net_amount from marts.fct_orders "
        "where is_valid group by 1) "
        "as spent using (customer_id)"
    )
    theirs = f"select {columns} from read_parquet('{planted}')"
    different = marts.execute(
        f"(({ours}) except ({theirs})) union all (({theirs}) except ({ours}))"
    ).fetchall()
    assert different == []


def test_every_bad_row_is_in_quarantine_with_its_place(
    shop: Path, truth: dict[str, Any]
) -> None:
    """A bad row that disappears, or a good one that is rejected."""
    files = str(shop / "warehouse" / "quarantine" / "*" / "*.parquet")
    found = dict(
        duckdb.execute(
            "select file, list(row order by row) "
            f"from read_parquet('{files}') group by 1"
        ).fetchall()
    )
    planted = {
        file["path"]: sorted(bad["row"] for bad in file["bad_rows"])
        for file in truth["files"]
        if file["bad_rows"]
    }
    assert found == planted


def test_the_segment_files_hold_every_scored_customer_once(
    marts: duckdb.DuckDBPyConnection, shop: Path, truth: dict[str, Any]
) -> None:
    """An export that loses customers, or a manifest that does not fit its files."""
    folder = shop / "warehouse" / "exports" / "rfm_segments" / truth["as_of_date"]
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    exported = []
    for entry in manifest["files"]:
        content = (folder / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
        assert len(rows) == entry["rows"]
        assert {row["rfm_segment"] for row in rows} <= {entry["segment"]}
        exported += [row["customer_id"] for row in rows]
    scored = marts.execute("select customer_id from marts.rfm_scores").fetchall()
    assert sorted(exported) == sorted(customer for (customer,) in scored)


def test_no_phone_or_email_is_published(shop: Path) -> None:
    """A direct identifier that leaks into what everybody may read."""
    names = str(shop / "warehouse" / "landing" / "members" / "*.parquet")
    planted = duckdb.execute(
        "select distinct unnest([phone, email]) from "
        f"(select * from read_parquet('{names}') where phone is not null limit 50)"
    ).fetchall()
    needles = [text.encode() for (text,) in planted if text]
    assert needles
    marts = shop / "warehouse" / "marts"
    for table in marts.rglob("*.parquet"):
        rows = duckdb.execute(f"select t::varchar from read_parquet('{table}') as t")
        text = "\n".join(row for (row,) in rows.fetchall()).encode()
        assert not [needle for needle in needles if needle in text], table.name
