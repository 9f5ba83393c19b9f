"""dbt on small warehouses: the same data in other files, rule files, empty landings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from landing_fixture import Landing, Row
from support.sql_models import ROOT, render_model

MARTS = (
    "dim_customer",
    "dim_product",
    "fct_interactions",
    "fct_order_lines",
    "fct_orders",
    "rfm_scores",
    "rfm_thresholds",
)
CORE = " ".join(f"+{mart}" for mart in MARTS)
ORDERS: list[Row] = [
    {"order_id": "o1", "customer_id": "c1", "ordered_at": "2024-03-01", "amount": 30},
    {"order_id": "o2", "customer_id": "c2", "ordered_at": "2024-03-02", "amount": 9.7},
    {"order_id": "o3", "ordered_at": "2024-03-03", "amount": 5, "status": "paid"},
]
LINES: list[Row] = [
    {
        "line_key": f"k{n}",
        "order_id": order,
        "customer_id": "c3",
        "ordered_at": f"2024-03-0{n}",
        "product_id": product,
        "quantity": n,
        "unit_price": "1.25",
    }
    for n, (order, product) in enumerate(
        [("o1", "p1"), ("l1", "p1"), ("l1", "p2"), ("l1", "p1"), ("l2", "p3")], 1
    )
]
EVENTS: list[Row] = [
    {"event_id": "e1", "customer_id": "c4", "event_type": "add_wecom"},
    {"event_id": "e2", "customer_id": "c1", "event_type": "share", "channel": "app"},
    {"event_id": "e3", "event_type": "page_view"},
]
MEMBERS: list[Row] = [
    {"customer_id": "c1", "phone": "13800000000", "email": "a@example.com"},
    {"customer_id": "c5", "registered_at": "2024-03-01", "channel": "店铺"},
]


def at(rows: Sequence[Row], time: str) -> list[Row]:
    """Give events a time."""
    return [{**row, "occurred_at": time} for row in rows]


def content(landing: Landing) -> dict[str, list[str]]:
    """Return every mart's rows as text, sorted."""
    return {
        mart: sorted(map(str, landing.query(f"select * from marts.{mart}")))
        for mart in MARTS
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    """The rows, each entity in one file."""
    landing = Landing(tmp_path_factory.mktemp("whole"))
    landing.load("orders", ORDERS)
    landing.load("order_lines", LINES)
    landing.load("interactions", at(EVENTS, "2024-03-04 12:00:00"))
    landing.load("members", MEMBERS)
    landing.build(checked=True, as_of_date="2024-03-31")
    return landing


def test_the_same_rows_in_other_files_give_the_same_marts(
    whole: Landing, tmp_path: Path
) -> None:
    """Overlapping files in another order, a retired load, rows from the back."""
    landing = Landing(tmp_path)
    events = at(EVENTS, "2024-03-04 12:00:00")
    landing.load("members", MEMBERS[::-1], file="z.csv")
    wrong = [{**row, "amount": 999} for row in ORDERS]
    landing.retire(landing.load("orders", wrong, file="zz.csv"))
    for n in (2, 0, 1):
        landing.load("orders", ORDERS[n:] + ORDERS[: n + 1], file=f"{n}.csv")
        landing.load("interactions", events[: n + 1], file=f"{n}.csv")
        landing.load("order_lines", LINES[::-1][n:], file=f"{n}.csv")
    landing.build(select=CORE, as_of_date="2024-03-31")
    assert content(landing) == content(whole)


def test_what_the_marts_say(whole: Landing) -> None:
    orders = whole.query(
        "select order_id, customer_id, net_amount, is_amount_from_lines, order_seq "
        "from marts.fct_orders order by order_id"
    )
    assert [tuple(map(str, row)) for row in orders] == [
        ("l1", "c3", "11.25", "True", "1"),
        ("l2", "c3", "6.25", "True", "2"),
        ("o1", "c1", "30.00", "False", "1"),
        ("o2", "c2", "9.70", "False", "1"),
        ("o3", "None", "5.00", "False", "None"),
    ]
    # The line of o1 belongs to the customer that the orders file names.
    assert whole.query(
        "select customer_id from marts.fct_order_lines where order_id = 'o1'"
    ) == [("c1",)]
    assert whole.query(
        "select customer_id, is_member, wecom_bound, valid_orders, acquisition_channel "
        "from marts.dim_customer order by customer_id"
    ) == [
        ("c1", True, False, 1, "app"),
        ("c2", False, False, 1, None),
        ("c3", False, False, 2, None),
        ("c4", False, True, 0, None),
        ("c5", True, False, 0, "店铺"),
    ]


def test_no_mart_has_direct_identifiers_or_traces_of_loading(whole: Landing) -> None:
    columns = whole.query(
        "select table_name || '.' || column_name from information_schema.columns "
        "where table_schema = 'marts' "
        "and (column_name in ('phone', 'email', 'id_value') "
        "or column_name like '%load%' or column_name like '%file%' "
        "or column_name like '\\_%' escape '\\')"
    )
    assert columns == []
    text = str(content(whole))
    assert "13800000000" not in text
    assert "example.com" not in text


def test_an_earlier_day_knows_only_earlier_facts_but_later_refunds(
    tmp_path: Path,
) -> None:
    landing = Landing(tmp_path)
    landing.load("orders", ORDERS)
    refund = {**ORDERS[0], "status": "refunded", "ordered_at": "2024-05-01"}
    landing.load("orders", [refund], file="b.csv")
    landing.build(select=CORE, as_of_date="2024-03-01")
    assert landing.query("select order_id, status, is_valid from marts.fct_orders") == [
        ("o1", "refunded", False)
    ]
    assert landing.query("select count(*) from marts.rfm_scores") == [(0,)]


def test_an_empty_landing_builds_and_unit_tests_pass(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    landing.build(checked=True, as_of_date="2024-03-31")
    assert landing.query("select count(*) from marts.dim_customer") == [(0,)]
    manifest = json.loads((ROOT / "target/manifest.json").read_text("utf8"))
    statuses = landing.run_unit_tests()
    assert statuses == dict.fromkeys(manifest["unit_tests"], "pass")
    assert statuses


@pytest.mark.parametrize("preset", ["finance", "travel"])
def test_presets_cover_every_combination_once(preset: str) -> None:
    folder = ROOT / "presets" / preset
    with duckdb.connect() as connection:
        connection.execute(
            "create table rfm_segments as "
            f"select * from read_csv('{folder / 'rfm_segments.csv'}', "
            "types = {'m_min': 'int', 'm_max': 'int'})"
        )
        cells = render_model("int_rfm_segment_cells", {})
        assert connection.execute(
            f"select count(*) from ({cells}) where rfm_segment <> 'others' "
            "and value_tier in ('high', 'medium', 'low')"
        ).fetchall() == [(125,)]
        assert (
            connection.execute(
                "select a.segment, b.segment from rfm_segments as a, rfm_segments as b "
                "where a.priority < b.priority "
                "and a.r_min <= b.r_max and b.r_min <= a.r_max "
                "and a.f_min <= b.f_max and b.f_min <= a.f_max "
                "and coalesce(a.m_min, 1) <= coalesce(b.m_max, 5) "
                "and coalesce(b.m_min, 1) <= coalesce(a.m_max, 5)"
            ).fetchall()
            == []
        )


def test_a_rule_file_replaces_the_seed_whole(tmp_path: Path) -> None:
    """Columns in any order, optional ones missing, an apostrophe in the path."""
    folder = tmp_path / "owner's rules"
    folder.mkdir()
    rules = folder / "rfm_segments.csv"
    rules.write_text("segment,priority,r_min\n老客,1,\n", encoding="utf8")
    landing = Landing(tmp_path / "warehouse")
    landing.load("orders", ORDERS)
    overrides = {"rfm_segments": str(rules)}
    landing.build(select=CORE, as_of_date="2024-03-31", rule_files=overrides)
    assert landing.query("select * from rules.rfm_segments") == [
        (1, "老客", *[None] * 9)
    ]
    assert landing.query(
        "select distinct rfm_segment, value_tier from marts.rfm_scores"
    ) == [("老客", None)]
    # Without the override the built-in rows are back.
    landing.build(select="rfm_segments", as_of_date="2024-03-31")
    assert landing.query("select count(*) from rules.rfm_segments") == [(10,)]
