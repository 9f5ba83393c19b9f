"""What people read: values are shown as they are, and none that broke a contract."""

from __future__ import annotations

import io

import duckdb
import pytest
from rich.console import Console
from support.shops import ORDER_HEADER, Shop

from pipeline.errors import SiyuError
from pipeline.report.build import _quarantine
from pipeline.report.explain import print_explanation

MARTS = """
create schema marts;
create table marts.dim_customer as select ? as customer_id, true as is_member,
    false as wecom_bound, '[/]' as acquisition_channel,
    null::timestamp as first_seen_at, date '2025-01-01' as first_order_date,
    date '2025-06-01' as last_order_date,
    2 as valid_orders;
create table marts.aipl_stage as select date '2025-06-30' as as_of_date,
    ? as customer_id, 'P' as stage, date '2025-06-01' as since_date,
    'second_order' as play, 'active_member' as persona,
    date '2026-06-01' as lapses_on, 'none' as lapses_to,
    'purchase_order: order [i]o1' as cause;
create table marts.aipl_stage_history as select ? as customer_id, 'P' as stage,
    date '2025-06-01' as valid_from, null::date as valid_to,
    'purchase_order: order [i]o1' as cause;
create table marts.rfm_scores as select date '2025-06-30' as as_of_date,
    ? as customer_id, 'new' as rfm_segment, 'high' as value_tier, 'HLL' as rfm_class,
    '512' as rfm_code, 29 as recency_days, 5 as r_score,
    null::int as recency_days_to_next_score, 2 as frequency, 1 as f_score,
    3 as frequency_to_next_score, 9.5::decimal(18, 2) as monetary, 2 as m_score,
    0.5::decimal(18, 2) as monetary_to_next_score;
create table marts.dim_rfm_segment as
    select 'new' as segment, 'New [b]' as label_en, '新' as label_zh;
create table marts.rfm_thresholds as select * from (values
    ('recency', 1, 30.0, 'quantile'), ('frequency', 1, 5.0, 'rank'),
    ('monetary', 1, 10.0, 'quantile')) as t(metric, cut, threshold, method);
create table marts.fct_orders as select '[i]o1' as order_id, ? as customer_id,
    timestamp '2025-06-01' as ordered_at, date '2025-06-01' as order_date,
    'paid' as status, 9.5::decimal(18, 2) as net_amount, '[/x]' as channel,
    true as is_valid;
"""


@pytest.fixture
def published(shop: Shop) -> Shop:
    """A published database with one customer whose values look like markup."""
    shop.source()
    shop.warehouse.prepare()
    with duckdb.connect(str(shop.warehouse.database)) as connection:
        for statement in MARTS.strip().split(";\n"):
            marks = ["[/c]1"] * statement.count("?")
            connection.execute(statement.rstrip(";"), marks)
    return shop


def explained(shop: Shop, customer: str) -> str:
    page = io.StringIO()
    print_explanation(Console(file=page, width=200), shop.settings, customer)
    return page.getvalue()


def test_a_customer_is_explained(published: Shop) -> None:
    page = explained(published, "[/c]1")
    assert "[/c]1 · test" in page
    assert "New [b] 新" in page
    assert "3 orders more" in page
    assert "since 2025-06-01, because of purchase_order: order [i]o1" in page
    assert "unless something happens, No stage 无阶段 from 2026-06-01 on" in page
    assert "[/x]" in page


def test_an_unknown_customer(published: Shop) -> None:
    with pytest.raises(SiyuError, match="customer 'nobody' is not known"):
        explained(published, "nobody")


@pytest.mark.parametrize("secret", ["138-0013-8000", "it's 138", "138\n0", "a' b 138"])
def test_the_report_shows_reasons_without_values(shop: Shop, secret: str) -> None:
    """A phone number in the wrong column must not end on a page for everybody."""
    cell = '"' + secret + '"'
    rows = f"1,c,2024-01-01,{cell}\n2,c,{cell},5\n3,c,{cell},{cell}\n"
    shop.source(max_bad_share=1).write("orders.csv", ORDER_HEADER + rows)
    shop.ingest()
    reasons = [row["reason"] for row in _quarantine(shop.warehouse)]
    assert len(reasons) == 3
    assert not any("138" in reason for reason in reasons), reasons
    assert any(r.startswith("amount: a value is not an amount") for r in reasons)


def test_the_example_of_a_reason_is_the_first(shop: Shop) -> None:
    rows = "1,c,2024-01-01,x\n2,c,2024-01-01,y\n"
    shop.source(max_bad_share=1).write("orders.csv", ORDER_HEADER + rows)
    shop.ingest()
    (row,) = _quarantine(shop.warehouse)
    assert (row["rows"], row["file"], row["row"]) == (2, "orders.csv", 1)
