"""The suites on a small warehouse of literal rows: valid as it is, then broken one way.

Great Expectations takes seconds to import, so everything that needs it is in this file.
"""

from __future__ import annotations

import logging
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import audience_checks
import chain_checks
import crowd_checks
import duckdb
import listed_checks
import outcome_checks
import pytest

from pipeline.config.contract import ENTITIES
from pipeline.quality.model import CheckContext, CheckResult, Suite, blocking
from pipeline.quality.run import run_suites
from pipeline.quality.suites import LANDING, MARTS

AS_OF = CheckContext(as_of=date(2024, 3, 31))
SUITES = {suite.table: suite for suite in (*LANDING, *MARTS)}

LANDED = """
insert into landing.files values
  ('L1', 'shop', 'orders', 'orders.csv', 'orders.csv', 3, true),
  ('L2', 'shop', 'order_lines', 'lines.csv', 'lines.csv', 2, true),
  ('L3', 'shop', 'interactions', 'events.jsonl', 'events.jsonl', 1, true),
  ('L4', 'shop', 'members', 'members.csv', 'members.csv', 2, true),
  ('L5', 'shop', 'products', 'products.csv', 'products.csv', 1, true);
insert into landing.orders by name
  select * from (values
    ('o1', 'c1', timestamp '2024-03-01 02:00', 10.00, 'completed', 'CNY', 'L1', 1),
    ('o2', 'c1', timestamp '2024-03-30 17:00', 20.00, null, null, 'L1', 2),
    ('o3', null, timestamp '2024-03-05 02:00', 30.00, 'paid', 'CNY', 'L1', 3),
    -- a load that is no longer active: its rows do not exist
    ('', 'c9', timestamp '1900-01-01 00:00', -1e12, 'lost', 'USD', 'gone', 1))
  as rows (order_id, customer_id, ordered_at, amount, status, currency, _load_id, _row);
insert into landing.order_lines by name
  select * from (values
    ('o1', 'c1', timestamp '2024-03-01 02:00', 'p1', 2, 5.00, 1, 'o1-1', 'L2', 1),
    ('o2', 'c1', timestamp '2024-03-30 17:00', 'p1', 4, 5.00, 1, 'o2-1', 'L2', 2))
  as rows (order_id, customer_id, ordered_at, product_id, quantity, unit_price, line_no,
    line_key, _load_id, _row);
insert into landing.interactions by name
  select 'c2' as customer_id, 'page_view' as event_type, 'e1' as event_id,
    timestamp '2024-03-02 09:00' as occurred_at, 'L3' as _load_id, 1 as _row;
insert into landing.members by name
  select * from (values
    ('c1', timestamp '2024-01-01 00:00', date '1990-05-01', '13800138000', 'L4', 1),
    ('c2', timestamp '2024-01-02 00:00', null, null, 'L4', 2))
  as rows (customer_id, registered_at, birth_date, phone, _load_id, _row);
insert into landing.products by name
  select 'p1' as product_id, 'tea' as name, 30 as consumption_days, 'L5' as _load_id,
    1 as _row;
"""

BUILT = """
create table marts.dim_customer as select * from (values
    ('c1', timestamp '2024-01-01', timestamp '2024-01-01', 'store', true, false,
     date '2024-03-01', date '2024-03-31', 2, '{"hobby": "tea"}'),
    ('c2', timestamp '2024-01-02', timestamp '2024-01-02', 'wecom', true, true,
     null, null, 0, null))
  as rows (customer_id, registered_at, first_seen_at, acquisition_channel, is_member,
    wecom_bound, first_order_date, last_order_date, valid_orders, attributes);
create table marts.dim_product as select 'p1' as product_id, 'tea' as name,
  'drinks' as category, 'b' as brand, false as is_sample, 30 as consumption_days;
create table marts.fct_orders as select * replace (
    cast(gross_amount as decimal(18, 2)) as gross_amount,
    cast(refund_amount as decimal(18, 2)) as refund_amount,
    cast(net_amount as decimal(18, 2)) as net_amount) from (values
    ('o1', 'c1', timestamp '2024-03-01 02:00', date '2024-03-01', 'completed',
     10, 2, 8, 'store', true, 1),
    ('o2', 'c1', timestamp '2024-03-30 17:00', date '2024-03-31', 'completed',
     20, null, 20, 'wecom', true, 2),
    ('o3', null, timestamp '2024-03-05 02:00', date '2024-03-05', 'paid',
     30, null, 30, null, false, null))
  as rows (order_id, customer_id, ordered_at, order_date, status, gross_amount,
    refund_amount, net_amount, channel, is_valid, order_seq);
create table marts.fct_order_lines as select * from (values
    ('o1-1', 'o1', 1, 'p1', 2, 10.00, date '2024-03-01'),
    ('o2-1', 'o2', 1, 'p1', 4, 20.00, date '2024-03-31'))
  as rows (line_key, order_id, line_no, product_id, quantity, line_amount, order_date);
create table marts.fct_interactions as select 'e1' as event_id, 'c2' as customer_id,
  'page_view' as event_type, timestamp '2024-03-02 09:00' as occurred_at,
  date '2024-03-02' as event_date, 'wecom' as channel,
  cast(null as varchar) as campaign_id;
create table marts.rfm_scores as select date '2024-03-31' as as_of_date,
  'c1' as customer_id, 0 as recency_days, 2 as frequency,
  cast(28 as decimal(18, 2)) as monetary, 5 as r_score, 1 as f_score, 1 as m_score,
  '511' as rfm_code, 'LLL' as rfm_class, 'new' as rfm_segment, 'medium' as value_tier,
  cast(null as integer) as recency_days_to_next_score, 1 as frequency_to_next_score,
  cast(0.01 as decimal(18, 2)) as monetary_to_next_score;
create table marts.rfm_thresholds as select date '2024-03-31' as as_of_date, metric,
  cut, cast(cut as double) as threshold, 'quantile' as method
  from (values ('recency'), ('frequency'), ('monetary')) as metrics (metric),
  range(1, 5) as cuts (cut);
-- early_warning_days is a year.
create table marts.aipl_stage as select date '2024-03-31' as as_of_date, * from (values
    ('c1', 'L', date '2024-03-31', 'reward_devotion', 'brand_devotee', 0,
     date '2025-03-01', 'P', 'loyal_two_orders: order o2'),
    ('c2', 'none', date '2024-03-17', 'reactivate', 'dormant_fan', 29,
     null, null, 'aware_page_view lapsed: page_view e1 is 15 days ago'))
  as rows (customer_id, stage, since_date, play, persona, idle_days, lapses_on,
    lapses_to, cause);
create table marts.aipl_stage_history as select * from (values
    ('c1', 'P', date '2024-03-01', date '2024-03-31', 'purchase_order: order o1'),
    ('c1', 'L', date '2024-03-31', null, 'loyal_two_orders: order o2'),
    ('c2', 'A', date '2024-03-02', date '2024-03-17', 'aware_page_view: page_view e1'))
  as rows (customer_id, stage, valid_from, valid_to, cause);
create table marts.aipl_flow as select date '2024-03-31' - days as from_date,
  date '2024-03-31' as to_date, departed.stage as from_stage, arrived.stage as to_stage,
  cast((departed.stage, arrived.stage) in (('P', 'L'), ('none', 'none')) as bigint)
    as customers
  from (values (1), (7), (30)) as days_back (days)
  cross join (values ('A'), ('I'), ('P'), ('L'), ('none')) as departed (stage)
  cross join (values ('A'), ('I'), ('P'), ('L'), ('none')) as arrived (stage);
create table marts.aipl_lapsing as select date '2024-03-31' as as_of_date,
  'c1' as customer_id, 'L' as stage, date '2025-03-01' as lapses_on, 'P' as lapses_to,
  335 as days_left, 'medium' as value_tier, 'reward_devotion' as play;
create table marts.customer_lifecycle as select date '2024-03-31' as as_of_date, *
  from (values
    ('c1', 'active', date '2024-03-01', 0, 30, 30, 30.0, 'at_risk', date '2024-05-31',
     'order o1'),
    ('c2', 'prospect', date '2024-01-02', null, null, null, 30.0, null, null,
     'no order yet'))
  as rows (customer_id, state, since_date, days_since_last_order,
    days_since_first_order, previous_gap_days, expected_interval_days, next_state,
    next_state_on, cause);
create table marts.segment_ledger as select * from (values
    (date '2024-03-01', 'c1', 'aipl_stage', 'none', 'P', 'purchase_order: order o1'),
    (date '2024-03-31', 'c1', 'aipl_stage', 'P', 'L', 'loyal_two_orders: order o2'),
    (date '2024-03-02', 'c2', 'aipl_stage', 'none', 'A', 'aware_page_view: e1'),
    (date '2024-03-17', 'c2', 'aipl_stage', 'A', 'none', 'aware_page_view lapsed: e1'),
    (date '2024-03-01', 'c1', 'rfm_segment', 'none', 'new', 'R5F1M1: order o1'),
    (date '2024-03-02', 'c1', 'lifecycle_state', 'none', 'active', 'ledger begins'),
    (date '2024-03-02', 'c2', 'lifecycle_state', 'none', 'prospect', 'ledger begins'))
  as rows (changed_on, customer_id, dimension, from_label, to_label, cause);
create table marts.customer_replenishment as select date '2024-03-31' as as_of_date,
  'c1' as customer_id, 'p1' as product_id, 'drinks' as category,
  date '2024-03-31' as last_bought_on, cast(4 as decimal(18, 4)) as last_quantity,
  2 as purchase_days, cast(30 as decimal(18, 4)) as days_per_unit,
  date '2024-07-29' as runs_out_on, 'consumption_days' as basis;
create table marts.journey_touches as select date '2024-03-31' as as_of_date, *,
  'sms' as channel, 'hello' as content_key, 'GIFT' as offer_key from (values
    ('hello-c2', 'c2', 'new', 'hello', date '2024-03-28', date '2024-03-30',
     date '2024-04-01', 1, 'send', null, 'catching_up', 'catching up, 1 day late'),
    ('again-c1-20240331', 'c1', 'old', 'again', date '2024-03-31', date '2024-03-31',
     date '2024-03-31', 0, 'suppress', cast(null as date), 'exited',
     'left: complaint on 2024-03-31'))
  as rows (touch_id, customer_id, journey, step, anchor_date, due_date, last_day,
    days_late, decision, defer_until, reason_kind, reason);
"""


@pytest.fixture(scope="session")
def valid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file in which every check holds."""
    path = tmp_path_factory.mktemp("quality") / "build.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema landing; create schema marts")
        connection.execute(
            "create table landing.files (load_id varchar, source varchar, "
            "entity varchar, file_name varchar, file_order varchar, "
            "rows_accepted bigint, is_built boolean)"
        )
        for name, entity in ENTITIES.items():
            columns = ", ".join(f"{c} {t}" for c, t in entity.landed.items())
            connection.execute(f"create table landing.{name} ({columns})")
        connection.execute(LANDED)
        connection.execute(BUILT)
        connection.execute(chain_checks.BUILT)
        connection.execute(crowd_checks.BUILT)
        connection.execute(audience_checks.BUILT)
        connection.execute(listed_checks.BUILT)
        connection.execute(outcome_checks.BUILT)
    return path


@pytest.fixture
def broken(valid: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Copy the valid database and run statements on the copy."""

    def copy(statements: str) -> Path:
        path = tmp_path / "broken.duckdb"
        shutil.copy(valid, path)
        with duckdb.connect(str(path)) as connection:
            connection.execute(statements)
        return path

    return copy


def only(table: str, *checks: str) -> Suite:
    """The suite of ``table`` with these checks alone."""
    suite = SUITES[table]
    return replace(suite, checks=tuple(c for c in suite.checks if c.name in checks))


def run_one(database: Path, table: str, check: str) -> CheckResult:
    [result] = run_suites(database, [only(table, check)], context=AS_OF)
    return result


def test_valid_rows_pass_every_check(valid: Path) -> None:
    """Every check holds on valid rows, and rows of dead loads do not count."""
    results = run_suites(valid, SUITES.values(), context=AS_OF)

    assert [r.message() for r in results if not r.passed] == []
    assert len(results) == sum(len(suite.checks) for suite in SUITES.values())
    assert results[-1].actual == "No exception in 13 rows."


LANDED_ORDERS = "landing.orders"
LANDED_LINES = "landing.order_lines"
CUSTOMER = "marts.dim_customer"
ORDERS = "marts.fct_orders"
LINES = "marts.fct_order_lines"
EVENTS = "marts.fct_interactions"
SCORES = "marts.rfm_scores"
CUTS = "marts.rfm_thresholds"
STAGES = "marts.aipl_stage"
STAYS = "marts.aipl_stage_history"
FLOW = "marts.aipl_flow"
LAPSING = "marts.aipl_lapsing"
LEDGER = "marts.segment_ledger"
LIFECYCLE = "marts.customer_lifecycle"
AIPL = (STAGES, STAYS, FLOW, LAPSING, LEDGER)
REFILLS = "marts.customer_replenishment"
TOUCHES = "marts.journey_touches"
JOURNEY = (REFILLS, TOUCHES)

# A cell of the flow, and what names the ledger's one entry of RFM.
CELL = "from_date = date '2024-03-30' and from_stage = 'A' and to_stage = 'I'"
NEW: dict[str, object] = {
    "dimension": "rfm_segment",
    "customer_id": "c1",
    "changed_on": date(2024, 3, 1),
}

REFILL: dict[str, object] = {"customer_id": "c1", "product_id": "p1"}

# Table, check, what breaks it (`set …` updates the table), the rows it must name.
BROKEN = [
    (
        "landing.files",
        "load_id_unique",
        "insert into landing.files select * from landing.files where load_id = 'L1'",
        [{"load_id": "L1", "rows": 2}],
    ),
    (
        "landing.files",
        "entity_known",
        "set entity = 'refunds' where load_id = 'L5'",
        [{"load_id": "L5", "file_name": "products.csv", "entity": "refunds"}],
    ),
    (
        "landing.files",
        "rows_accepted_in_range",
        "set rows_accepted = -1 where load_id = 'L5'",
        [{"load_id": "L5", "file_name": "products.csv", "rows_accepted": -1}],
    ),
    (
        LANDED_ORDERS,
        "column_types",
        (
            "alter table landing.orders alter amount type double; "
            "alter table landing.orders drop coupon_id"
        ),
        [
            {
                "column_name": "amount",
                "expected_type": "DECIMAL(18,2)",
                "found_type": "DOUBLE",
            },
            {
                "column_name": "coupon_id",
                "expected_type": "VARCHAR",
                "found_type": "missing",
            },
        ],
    ),
    (
        LANDED_ORDERS,
        "rows_agree_with_files",
        "delete from landing.orders where order_id = 'o2'",
        [{"file": "orders.csv", "accepted": 3, "found": 2}],
    ),
    (
        LANDED_ORDERS,
        "amount_not_null",
        "set amount = null where order_id = 'o2'",
        [{"file": "orders.csv", "row": 2, "order_id": "o2"}],
    ),
    (
        LANDED_ORDERS,
        "keys_are_trimmed",
        "set customer_id = ' c1', channel = '' where order_id = 'o1'",
        [
            {
                "file": "orders.csv",
                "row": 1,
                "order_id": "o1",
                "columns": "customer_id, channel",
            }
        ],
    ),
    (
        LANDED_ORDERS,
        "ordered_at_in_bounds",
        "set ordered_at = timestamp '1970-01-01' where order_id = 'o1'",
        [{"row": 1, "order_id": "o1"}],
    ),
    (
        LANDED_ORDERS,
        "status_known",
        "set status = 'Paid' where order_id = 'o3'",
        [{"row": 3, "order_id": "o3", "status": "Paid"}],
    ),
    (
        LANDED_ORDERS,
        "currency_is_the_shops",
        "set currency = 'USD' where order_id = 'o3'",
        [{"row": 3, "order_id": "o3", "currency": "USD"}],
    ),
    (
        LANDED_ORDERS,
        "amount_in_range",
        "set amount = 1e12 where order_id = 'o3'",
        [{"row": 3, "order_id": "o3"}],
    ),
    (
        LANDED_LINES,
        "unit_price_or_line_amount_given",
        "set unit_price = null where order_id = 'o2'",
        [{"file": "lines.csv", "row": 2, "order_id": "o2", "line_key": "o2-1"}],
    ),
    (
        "landing.members",
        "birth_date_plausible",
        "set birth_date = date '1066-10-14' where customer_id = 'c1'",
        [{"file": "members.csv", "row": 1, "customer_id": "c1"}],
    ),
    (
        "landing.products",
        "consumption_days_in_range",
        "set consumption_days = 0",
        [{"file": "products.csv", "row": 1, "product_id": "p1"}],
    ),
    (
        CUSTOMER,
        "columns_present",
        "alter table marts.dim_customer drop wecom_bound",
        [{"missing_column": "wecom_bound"}],
    ),
    (
        CUSTOMER,
        "customer_id_unique",
        "insert into marts.dim_customer from marts.dim_customer where valid_orders = 0",
        [{"customer_id": "c2", "rows": 2}],
    ),
    (
        CUSTOMER,
        "not_empty",
        "delete from marts.dim_customer",
        [{"rows": 0, "facts": 1}],
    ),
    (
        CUSTOMER,
        "not_after_as_of",
        "set last_order_date = date '2024-04-01' where customer_id = 'c1'",
        [{"customer_id": "c1", "last_order_date": date(2024, 4, 1)}],
    ),
    (
        CUSTOMER,
        "first_seen_by_the_as_of_date",
        # Midnight of 1 April in Shanghai is 16:00 of 31 March in UTC.
        "set first_seen_at = timestamp '2024-03-31 16:00' where customer_id = 'c2'",
        [{"customer_id": "c2"}],
    ),
    (
        CUSTOMER,
        "order_dates_agree",
        "set first_order_date = null where customer_id = 'c1'",
        [{"customer_id": "c1", "valid_orders": 2, "first_order_date": None}],
    ),
    (
        CUSTOMER,
        "valid_orders_agree_with_orders",
        "set valid_orders = 3 where customer_id = 'c1'",
        [{"customer_id": "c1", "valid_orders": 3, "found": 2}],
    ),
    (
        CUSTOMER,
        "no_direct_identifier",
        """set attributes = '{"tel": "+86 139-1234-5678"}'
        where customer_id = 'c1';
        update marts.dim_customer set acquisition_channel = 'li.lei@example.com'
        where customer_id = 'c2'""",
        [
            {"customer_id": "c1", "in_column": "attributes"},
            {"customer_id": "c2", "in_column": "acquisition_channel"},
        ],
    ),
    (
        CUSTOMER,
        "customer_id_is_no_direct_identifier",
        "set customer_id = '13912345678' where customer_id = 'c2'",
        [{"customer_id": "13…78"}],
    ),
    (
        "marts.dim_product",
        "product_id_not_null",
        "set product_id = null",
        [{"product_id": None}],
    ),
    (
        ORDERS,
        "order_id_unique",
        "insert into marts.fct_orders from marts.fct_orders where order_id = 'o1'",
        [{"order_id": "o1", "rows": 2}],
    ),
    (
        ORDERS,
        "customer_id_in_dim_customer",
        "set customer_id = 'c7' where order_id = 'o3'",
        [{"order_id": "o3", "customer_id": "c7"}],
    ),
    (
        ORDERS,
        "status_known",
        "set status = 'unpaid' where order_id = 'o3'",
        [{"order_id": "o3", "status": "unpaid"}],
    ),
    (
        ORDERS,
        "not_after_as_of",
        "set order_date = date '2024-04-01' where order_id = 'o3'",
        [{"order_id": "o3", "order_date": date(2024, 4, 1)}],
    ),
    (
        ORDERS,
        "order_date_is_local",
        "set order_date = date '2024-03-30' where order_id = 'o2'",
        [{"order_id": "o2", "order_date": date(2024, 3, 30)}],
    ),
    (
        ORDERS,
        "net_is_gross_less_refund",
        "set net_amount = 10 where order_id = 'o1'",
        [{"order_id": "o1"}],
    ),
    (
        ORDERS,
        "valid_exactly_when_it_counts",
        "set is_valid = true where order_id = 'o3'",
        [{"order_id": "o3", "is_guest": True, "is_valid": True}],
    ),
    (
        ORDERS,
        "order_seq_on_valid_orders",
        "set order_seq = null where order_id = 'o2'",
        [{"order_id": "o2", "is_valid": True, "order_seq": None}],
    ),
    (
        ORDERS,
        "order_seq_counts_up",
        "set order_seq = 3 where order_id = 'o2'",
        [{"customer_id": "c1", "orders": 2, "last_seq": 3}],
    ),
    (
        ORDERS,
        "not_empty",
        "delete from marts.fct_orders",
        [{"rows": 0, "facts": 1}],
    ),
    (
        ORDERS,
        "no_landed_order_lost",
        "delete from marts.fct_orders where order_id = 'o2'",
        [{"order_id": "o2"}],
    ),
    (
        LINES,
        "order_id_line_no_unique",
        "set order_id = 'o1'",
        [{"order_id": "o1", "line_no": 1, "rows": 2}],
    ),
    (
        LINES,
        "order_id_in_fct_orders",
        "set order_id = 'o8' where line_key = 'o2-1'",
        [{"line_key": "o2-1", "order_id": "o8", "line_no": 1}],
    ),
    (
        EVENTS,
        "event_type_is_a_name",
        "set event_type = 'Page View'",
        [{"event_id": "e1", "event_type": "Page View"}],
    ),
    (
        SCORES,
        "r_score_in_range",
        "set r_score = 6",
        [{"customer_id": "c1", "r_score": 6}],
    ),
    (
        SCORES,
        "rfm_class_known",
        "set rfm_class = 'HHX'",
        [{"customer_id": "c1", "rfm_class": "HHX"}],
    ),
    (
        SCORES,
        "as_of_date_is_the_runs",
        "set as_of_date = date '2024-03-30'",
        [{"customer_id": "c1", "as_of_date": date(2024, 3, 30)}],
    ),
    (
        SCORES,
        "rfm_code_spells_the_scores",
        "set rfm_code = '115'",
        [{"customer_id": "c1", "rfm_code": "115"}],
    ),
    (
        SCORES,
        "recency_inside_the_window",
        "set recency_days = 365",
        [{"customer_id": "c1", "recency_days": 365}],
    ),
    (
        SCORES,
        "recency_days_to_next_score_fits_score",
        "set recency_days_to_next_score = 1",
        [{"customer_id": "c1", "r_score": 5, "recency_days_to_next_score": 1}],
    ),
    (
        SCORES,
        "monetary_above_zero",
        "set monetary = 0",
        [{"customer_id": "c1"}],
    ),
    (
        SCORES,
        "totals_agree_with_orders",
        "set frequency = 1",
        [{"customer_id": "c1", "frequency": 1, "orders": 2}],
    ),
    (
        SCORES,
        "totals_agree_with_orders",
        "delete from marts.rfm_scores",
        [{"customer_id": "c1", "frequency": None, "orders": 2}],
    ),
    (
        CUTS,
        "thresholds_do_not_fall",
        "set threshold = 0 where metric = 'recency' and cut = 3",
        [{"metric": "recency", "cut": 3, "threshold": 0.0, "previous": 2.0}],
    ),
    (
        CUTS,
        "every_metric_has_cuts",
        "delete from marts.rfm_thresholds where metric = 'monetary'",
        [{"metric": "monetary"}],
    ),
    (
        REFILLS,
        "columns_present",
        "alter table marts.customer_replenishment drop basis",
        [{"missing_column": "basis"}],
    ),
    (
        REFILLS,
        "customer_id_product_id_unique",
        "insert into marts.customer_replenishment from marts.customer_replenishment",
        [{**REFILL, "rows": 2}],
    ),
    (
        REFILLS,
        "as_of_date_is_the_runs",
        "set as_of_date = date '2024-03-30'",
        [{**REFILL, "as_of_date": date(2024, 3, 30)}],
    ),
    (
        REFILLS,
        "not_after_as_of",
        "set last_bought_on = date '2024-04-01'",
        [{**REFILL, "last_bought_on": date(2024, 4, 1)}],
    ),
    (REFILLS, "basis_not_null", "set basis = null", [REFILL]),
    (
        REFILLS,
        "basis_known",
        "set basis = 'gaps'",
        [{**REFILL, "basis": "gaps"}],
    ),
    (
        REFILLS,
        "purchase_days_in_range",
        "set purchase_days = 0",
        [{**REFILL, "purchase_days": 0}],
    ),
    (REFILLS, "days_per_unit_in_range", "set days_per_unit = -1", [REFILL]),
    (REFILLS, "something_was_bought", "set last_quantity = 0", [REFILL]),
    (
        REFILLS,
        "run_out_follows_from_the_row",
        "set runs_out_on = date '2024-07-30'",
        [{**REFILL, "runs_out_on": date(2024, 7, 30)}],
    ),
    (
        REFILLS,
        "run_out_follows_from_the_row",
        "set runs_out_on = null",
        [{**REFILL, "basis": "consumption_days", "runs_out_on": None}],
    ),
    (
        REFILLS,
        "products_are_those_bought",
        "set last_bought_on = date '2024-03-01'",
        [{**REFILL, "last_order_date": date(2024, 3, 31)}],
    ),
    (
        REFILLS,
        "products_are_those_bought",
        "delete from marts.customer_replenishment",
        [{**REFILL, "last_bought_on": None}],
    ),
    (
        REFILLS,
        "product_id_in_dim_product",
        "set product_id = 'p9'",
        [{"customer_id": "c1", "product_id": "p9"}],
    ),
    (
        TOUCHES,
        "columns_present",
        "alter table marts.journey_touches drop reason",
        [{"missing_column": "reason"}],
    ),
    (
        TOUCHES,
        "touch_id_not_null",
        "set touch_id = null where customer_id = 'c2'",
        [{"touch_id": None}],
    ),
    (
        TOUCHES,
        "touch_id_unique",
        "set touch_id = 'hello-c2'",
        [{"touch_id": "hello-c2", "rows": 2}],
    ),
    (
        TOUCHES,
        "customer_id_journey_step_unique",
        "set customer_id = 'c2', journey = 'new', step = 'hello'",
        [{"customer_id": "c2", "journey": "new", "step": "hello", "rows": 2}],
    ),
    (
        TOUCHES,
        "as_of_date_is_the_runs",
        "set as_of_date = date '2024-03-30' where customer_id = 'c2'",
        [{"touch_id": "hello-c2", "as_of_date": date(2024, 3, 30)}],
    ),
    (
        TOUCHES,
        "not_after_as_of",
        "set due_date = date '2024-04-01' where customer_id = 'c2'",
        [{"touch_id": "hello-c2", "due_date": date(2024, 4, 1)}],
    ),
    *(
        (
            TOUCHES,
            f"{column}_not_null",
            f"set {column} = null where customer_id = 'c2'",
            [{"touch_id": "hello-c2"}],
        )
        for column in ("channel", "reason", "decision")
    ),
    (
        TOUCHES,
        "decision_known",
        "set decision = 'planned' where customer_id = 'c2'",
        [{"touch_id": "hello-c2", "decision": "planned"}],
    ),
    (
        TOUCHES,
        "in_its_window",
        (
            "set last_day = date '2024-03-30' where customer_id = 'c2'; "
            "update marts.journey_touches set days_late = 1 where customer_id = 'c1'"
        ),
        [
            {"touch_id": "again-c1-20240331", "days_late": 1},
            {"touch_id": "hello-c2", "last_day": date(2024, 3, 30)},
        ],
    ),
    (
        TOUCHES,
        "in_its_window",
        "set anchor_date = date '2024-03-31' where customer_id = 'c2'",
        [{"touch_id": "hello-c2", "anchor_date": date(2024, 3, 31)}],
    ),
    (
        TOUCHES,
        "reason_fits_decision",
        "set decision = 'send'",
        [{"touch_id": "again-c1-20240331", "reason_kind": "exited"}],
    ),
    (
        TOUCHES,
        "reason_fits_decision",
        "set reason_kind = null where customer_id = 'c2'",
        [{"touch_id": "hello-c2", "decision": "send"}],
    ),
    *(
        (
            TOUCHES,
            "put_off_within_its_window",
            (
                f"set decision = '{decision}', defer_until = {day} "
                "where customer_id = 'c2'"
            ),
            [{"touch_id": "hello-c2", "decision": decision}],
        )
        for decision, day in (
            ("defer", "null"),
            ("send", "date '2024-04-01'"),
            ("defer", "date '2024-03-31'"),
            ("defer", "date '2024-04-02'"),
        )
    ),
    (
        TOUCHES,
        "touch_is_of_step_and_customer",
        "set step = 'bye' where customer_id = 'c2'",
        [{"touch_id": "hello-c2", "step": "bye"}],
    ),
    (
        TOUCHES,
        "customer_id_in_dim_customer",
        "set customer_id = 'c7' where customer_id = 'c2'",
        [{"touch_id": "hello-c2", "customer_id": "c7"}],
    ),
    (
        STAGES,
        "columns_present",
        "alter table marts.aipl_stage drop play",
        [{"missing_column": "play"}],
    ),
    (
        STAGES,
        "customer_id_not_null",
        "set customer_id = null where customer_id = 'c2'",
        [{"customer_id": None}],
    ),
    (
        STAGES,
        "customer_id_unique",
        "insert into marts.aipl_stage from marts.aipl_stage where customer_id = 'c2'",
        [{"customer_id": "c2", "rows": 2}],
    ),
    (
        STAGES,
        "as_of_date_is_the_runs",
        "set as_of_date = date '2024-03-30' where customer_id = 'c2'",
        [{"customer_id": "c2", "as_of_date": date(2024, 3, 30)}],
    ),
    (
        STAGES,
        "stage_not_null",
        "set stage = null where customer_id = 'c2'",
        [{"customer_id": "c2"}],
    ),
    (
        STAGES,
        "stage_known",
        "set stage = 'loyal' where customer_id = 'c1'",
        [{"customer_id": "c1", "stage": "loyal"}],
    ),
    (
        STAGES,
        "cause_not_null",
        "set cause = null where customer_id = 'c2'",
        [{"customer_id": "c2"}],
    ),
    (
        STAGES,
        "not_after_as_of",
        "set since_date = date '2024-04-01' where customer_id = 'c2'",
        [{"customer_id": "c2", "since_date": date(2024, 4, 1)}],
    ),
    (
        STAGES,
        "idle_days_in_range",
        "set idle_days = -1 where customer_id = 'c1'",
        [{"customer_id": "c1", "idle_days": -1}],
    ),
    (
        STAGES,
        "lapses_to_known",
        "set lapses_to = 'p' where customer_id = 'c1'",
        [{"customer_id": "c1", "lapses_to": "p"}],
    ),
    (
        STAGES,
        "lapses_after_the_as_of_date",
        "set lapses_on = date '2024-03-31' where customer_id = 'c1'",
        [{"customer_id": "c1", "stage": "L", "lapses_on": date(2024, 3, 31)}],
    ),
    (
        STAGES,
        "lapses_exactly_if_in_a_stage",
        (
            "set lapses_on = null where customer_id = 'c1'; update marts.aipl_stage "
            "set lapses_to = 'none' where customer_id = 'c2'"
        ),
        [
            {"customer_id": "c1", "stage": "L", "lapses_on": None, "lapses_to": "P"},
            {"customer_id": "c2", "stage": "none", "lapses_to": "none"},
        ],
    ),
    (
        STAGES,
        "lapses_exactly_if_in_a_stage",
        (
            "set lapses_to = null where customer_id = 'c1'; update marts.aipl_stage "
            "set lapses_on = date '2024-04-01' where customer_id = 'c2'"
        ),
        [
            {"customer_id": "c1", "stage": "L", "lapses_to": None},
            {"customer_id": "c2", "stage": "none", "lapses_on": date(2024, 4, 1)},
        ],
    ),
    (
        STAGES,
        "lapses_to_another_stage",
        "set lapses_to = 'L' where customer_id = 'c1'",
        [{"customer_id": "c1", "stage": "L", "lapses_to": "L"}],
    ),
    (
        STAGES,
        "customers_are_those_of_dim_customer",
        "set customer_id = 'c9' where customer_id = 'c2'",
        [
            {"customer_id": "c2", "is_here": False, "is_in_dim_customer": True},
            {"customer_id": "c9", "is_here": True, "is_in_dim_customer": False},
        ],
    ),
    (
        STAGES,
        "stage_is_the_open_stay",
        "set stage = 'P' where customer_id = 'c1'",
        [{"customer_id": "c1", "stage": "P", "stay": "L"}],
    ),
    (
        STAGES,
        "stage_is_the_open_stay",
        "set stage = 'A' where customer_id = 'c2'",
        [{"customer_id": "c2", "stage": "A", "stay": None}],
    ),
    (
        STAGES,
        "stage_is_the_open_stay",
        "delete from marts.aipl_stage where customer_id = 'c1'",
        [{"customer_id": "c1", "stage": None, "stay": "L"}],
    ),
    (
        STAGES,
        "stage_is_the_open_stay",
        "set since_date = date '2024-03-30' where customer_id = 'c1'",
        [
            {
                "customer_id": "c1",
                "since_date": date(2024, 3, 30),
                "valid_from": date(2024, 3, 31),
            }
        ],
    ),
    (
        STAGES,
        "stage_is_the_open_stay",
        "set cause = 'by chance' where customer_id = 'c1'",
        [
            {
                "customer_id": "c1",
                "cause": "by chance",
                "stay_cause": "loyal_two_orders: order o2",
            }
        ],
    ),
    (
        STAYS,
        "columns_present",
        "alter table marts.aipl_stage_history drop valid_to",
        [{"missing_column": "valid_to"}],
    ),
    *(
        (
            STAYS,
            f"{column}_not_null",
            f"set {column} = null where customer_id = 'c2'",
            [{"customer_id": "c2", "valid_from": date(2024, 3, 2)} | {column: None}]
            if column in ("customer_id", "valid_from")
            else [{"customer_id": "c2", "valid_from": date(2024, 3, 2)}],
        )
        for column in ("customer_id", "stage", "valid_from", "cause")
    ),
    (
        STAYS,
        "stage_known",
        "set stage = 'none' where customer_id = 'c2'",
        [{"customer_id": "c2", "valid_from": date(2024, 3, 2), "stage": "none"}],
    ),
    (
        STAYS,
        "not_after_as_of",
        (
            "set valid_from = date '2024-04-01' where stage = 'L'; "
            "update marts.aipl_stage_history set valid_to = date '2024-04-01' "
            "where stage = 'A'"
        ),
        [
            {"customer_id": "c1", "valid_from": date(2024, 4, 1)},
            {"customer_id": "c2", "valid_to": date(2024, 4, 1)},
        ],
    ),
    (
        STAYS,
        "stays_last_a_day",
        "set valid_to = valid_from where stage = 'A'",
        [
            {
                "customer_id": "c2",
                "valid_from": date(2024, 3, 2),
                "stage": "A",
                "valid_to": date(2024, 3, 2),
            }
        ],
    ),
    (
        STAYS,
        "stays_do_not_overlap",
        "set valid_from = date '2024-03-30' where stage = 'L'",
        [
            {
                "customer_id": "c1",
                "valid_from": date(2024, 3, 1),
                "valid_to": date(2024, 3, 31),
                "next_from": date(2024, 3, 30),
            }
        ],
    ),
    (
        STAYS,
        "stays_do_not_overlap",
        "set valid_to = null where stage = 'P'",
        [{"customer_id": "c1", "valid_to": None, "next_from": date(2024, 3, 31)}],
    ),
    (
        STAYS,
        "stays_do_not_overlap",
        "set stage = 'P' where stage = 'L'",
        [{"customer_id": "c1", "valid_to": date(2024, 3, 31), "next_stage": "P"}],
    ),
    (
        STAYS,
        "stays_do_not_overlap",
        "insert into marts.aipl_stage_history from marts.aipl_stage_history "
        "where stage in ('A', 'L')",
        [
            {"customer_id": "c1", "stage": "L", "next_from": date(2024, 3, 31)},
            {"customer_id": "c2", "stage": "A", "next_from": date(2024, 3, 2)},
        ],
    ),
    (
        STAYS,
        "customer_id_in_dim_customer",
        "set customer_id = 'c9' where stage = 'A'",
        [{"customer_id": "c9", "valid_from": date(2024, 3, 2)}],
    ),
    (
        STAYS,
        "somebody_has_been_in_a_stage",
        "delete from marts.aipl_stage_history; delete from marts.fct_orders",
        [{"stays": 0}],
    ),
    (
        STAYS,
        "somebody_has_been_in_a_stage",
        "delete from marts.aipl_stage_history; delete from marts.fct_interactions",
        [{"stays": 0}],
    ),
    (
        FLOW,
        "columns_present",
        "alter table marts.aipl_flow drop to_stage",
        [{"missing_column": "to_stage"}],
    ),
    (
        FLOW,
        "customers_not_null",
        f"set customers = null where {CELL}",
        [{"from_date": date(2024, 3, 30), "from_stage": "A", "to_stage": "I"}],
    ),
    (
        FLOW,
        "customers_in_range",
        f"set customers = -1 where {CELL}",
        [{"from_date": date(2024, 3, 30), "from_stage": "A", "customers": -1}],
    ),
    (
        FLOW,
        "every_cell_once",
        f"delete from marts.aipl_flow where {CELL}",
        [
            {
                "from_date": date(2024, 3, 30),
                "to_date": date(2024, 3, 31),
                "from_stage": "A",
                "to_stage": "I",
                "rows": 0,
                "expected": 1,
            }
        ],
    ),
    (
        FLOW,
        "every_cell_once",
        f"insert into marts.aipl_flow from marts.aipl_flow where {CELL}",
        [{"from_stage": "A", "to_stage": "I", "rows": 2, "expected": 1}],
    ),
    (
        FLOW,
        "every_cell_once",
        f"set to_date = date '2024-03-30' where {CELL}",
        [
            {"to_date": date(2024, 3, 30), "rows": 1, "expected": 0},
            {"to_date": date(2024, 3, 31), "rows": 0, "expected": 1},
        ],
    ),
    (
        FLOW,
        "every_cell_once",
        f"set from_stage = null where {CELL}",
        [
            {"from_stage": "A", "to_stage": "I", "rows": 0, "expected": 1},
            {"from_stage": None, "to_stage": "I", "rows": 1, "expected": 0},
        ],
    ),
    (
        FLOW,
        "every_cell_once",
        f"set to_stage = 'X' where {CELL}",
        [
            {"from_stage": "A", "to_stage": "I", "rows": 0, "expected": 1},
            {"from_stage": "A", "to_stage": "X", "rows": 1, "expected": 0},
        ],
    ),
    (
        FLOW,
        "everybody_counts_once",
        "set customers = 2 where from_date = date '2024-03-30' "
        "and from_stage = 'none' and to_stage = 'none'",
        [{"from_date": date(2024, 3, 30), "customers": 3, "known": 2}],
    ),
    (
        FLOW,
        "departures_agree_with_history",
        "set customers = cast(from_stage = 'A' as int) "
        "where from_date = date '2024-03-01' and to_stage = 'L'",
        [
            {"from_stage": "A", "customers": 1, "in_history": 0},
            {"from_stage": "P", "customers": 0, "in_history": 1},
        ],
    ),
    (
        FLOW,
        "arrivals_agree_with_stages",
        "set customers = cast(to_stage = 'none' as int) "
        "where from_date = date '2024-03-24' and from_stage = 'P'",
        [
            {
                "from_date": date(2024, 3, 24),
                "to_stage": "L",
                "customers": 0,
                "in_stage": 1,
            }
        ],
    ),
    (
        LAPSING,
        "columns_present",
        "alter table marts.aipl_lapsing drop days_left",
        [{"missing_column": "days_left"}],
    ),
    (
        LAPSING,
        "customer_id_not_null",
        "set customer_id = null",
        [{"customer_id": None}],
    ),
    (
        LAPSING,
        "customer_id_unique",
        "insert into marts.aipl_lapsing from marts.aipl_lapsing",
        [{"customer_id": "c1", "rows": 2}],
    ),
    (
        LAPSING,
        "as_of_date_is_the_runs",
        "set as_of_date = date '2024-04-01'",
        [{"customer_id": "c1", "as_of_date": date(2024, 4, 1)}],
    ),
    (
        LAPSING,
        "rows_agree_with_stages",
        "set customer_id = 'c9', stage = null, lapses_on = null, lapses_to = null, "
        "play = null",
        [{"customer_id": "c9", "stage": None, "stage_of_customer": None}],
    ),
    (
        LAPSING,
        "rows_agree_with_stages",
        "set stage = 'P'",
        [{"customer_id": "c1", "stage": "P", "stage_of_customer": "L"}],
    ),
    (
        LAPSING,
        "rows_agree_with_stages",
        "set lapses_on = date '2024-04-01'",
        [{"customer_id": "c1", "lapse_of_customer": date(2025, 3, 1)}],
    ),
    (
        LAPSING,
        "rows_agree_with_stages",
        "set lapses_to = 'none'",
        [{"customer_id": "c1", "lapses_to": "none", "lapse_to_of_customer": "P"}],
    ),
    (
        LAPSING,
        "rows_agree_with_stages",
        "set play = null",
        [{"customer_id": "c1", "play": None, "play_of_customer": "reward_devotion"}],
    ),
    (
        LAPSING,
        "nobody_is_left_out",
        (
            "update marts.aipl_stage set lapses_on = date '2025-03-01' "
            "where customer_id = 'c2'"
        ),
        [{"customer_id": "c2", "lapses_on": date(2025, 3, 1)}],
    ),
    (
        LAPSING,
        "days_left_until_the_lapse",
        "set days_left = 336",
        [{"customer_id": "c1", "lapses_on": date(2025, 3, 1), "days_left": 336}],
    ),
    (
        LAPSING,
        "value_tier_agrees_with_scores",
        "set value_tier = 'high'",
        [{"customer_id": "c1", "value_tier": "high", "tier_of_scores": "medium"}],
    ),
    (
        LAPSING,
        "value_tier_agrees_with_scores",
        "delete from marts.rfm_scores",
        [{"customer_id": "c1", "value_tier": "medium", "tier_of_scores": None}],
    ),
    (
        LEDGER,
        "columns_present",
        "alter table marts.segment_ledger drop cause",
        [{"missing_column": "cause"}],
    ),
    *(
        (
            LEDGER,
            f"{column}_not_null",
            f"set {column} = null where dimension = 'rfm_segment'",
            [NEW | ({column: None} if column in NEW else {})],
        )
        for column in (*NEW, "from_label", "to_label", "cause")
    ),
    (
        LEDGER,
        "dimension_known",
        "set dimension = 'mood' where dimension = 'rfm_segment'",
        [NEW | {"dimension": "mood"}],
    ),
    (
        LEDGER,
        "not_after_as_of",
        "set changed_on = date '2024-04-01' where to_label = 'L'",
        [{"dimension": "aipl_stage", "changed_on": date(2024, 4, 1)}],
    ),
    (
        LEDGER,
        "entries_follow_one_another",
        "set from_label = 'I' where to_label = 'L'",
        [
            {
                "dimension": "aipl_stage",
                "customer_id": "c1",
                "changed_on": date(2024, 3, 31),
                "previous_label": "P",
                "from_label": "I",
            }
        ],
    ),
    (
        LEDGER,
        "entries_follow_one_another",
        "delete from marts.segment_ledger where to_label = 'P'",
        [{"customer_id": "c1", "previous_label": "none", "from_label": "P"}],
    ),
    (
        LEDGER,
        "entries_follow_one_another",
        "set to_label = 'P' where to_label = 'L'",
        [{"customer_id": "c1", "from_label": "P", "to_label": "P"}],
    ),
    (
        LEDGER,
        "entries_follow_one_another",
        # The exit of c2 by way of another stage, all on one day.
        (
            "set from_label = 'I' where to_label = 'none'; "
            "insert into marts.segment_ledger select * replace ('A' as from_label, "
            "'I' as to_label) from marts.segment_ledger where to_label = 'none'"
        ),
        [
            {
                "customer_id": "c2",
                "changed_on": date(2024, 3, 17),
                "previous_day": date(2024, 3, 17),
                "previous_label": "I",
                "from_label": "I",
            }
        ],
    ),
    (
        LEDGER,
        "last_entries_are_the_labels",
        "set to_label = 'I' where to_label = 'L'",
        [
            {
                "dimension": "aipl_stage",
                "customer_id": "c1",
                "last_entry": "I",
                "label": "L",
            }
        ],
    ),
    (
        LEDGER,
        "last_entries_are_the_labels",
        "delete from marts.segment_ledger where to_label = 'none'",
        [{"customer_id": "c2", "last_entry": "A", "label": "none"}],
    ),
    (
        LEDGER,
        "last_entries_are_the_labels",
        "delete from marts.segment_ledger where dimension = 'rfm_segment'",
        [{"dimension": "rfm_segment", "last_entry": None, "label": "new"}],
    ),
    (
        LEDGER,
        "last_entries_are_the_labels",
        "delete from marts.rfm_scores",
        [{"dimension": "rfm_segment", "last_entry": "new", "label": None}],
    ),
    (
        LEDGER,
        "last_entries_are_the_labels",
        "update marts.customer_lifecycle set state = 'new' where customer_id = 'c1'",
        [{"dimension": "lifecycle_state", "last_entry": "active", "label": "new"}],
    ),
    (
        LIFECYCLE,
        "columns_present",
        "alter table marts.customer_lifecycle drop next_state_on",
        [{"missing_column": "next_state_on"}],
    ),
    (
        LIFECYCLE,
        "customer_id_not_null",
        "set customer_id = null where customer_id = 'c2'",
        [{"customer_id": None}],
    ),
    (
        LIFECYCLE,
        "customer_id_unique",
        "set customer_id = 'c1'",
        [{"customer_id": "c1", "rows": 2}],
    ),
    (
        LIFECYCLE,
        "as_of_date_is_the_runs",
        "set as_of_date = date '2024-03-30' where customer_id = 'c1'",
        [{"customer_id": "c1", "as_of_date": date(2024, 3, 30)}],
    ),
    *(
        (
            LIFECYCLE,
            f"{column}_not_null",
            f"set {column} = null where customer_id = 'c2'",
            [{"customer_id": "c2"}],
        )
        for column in ("state", "cause")
    ),
    (
        LIFECYCLE,
        "not_after_as_of",
        "set since_date = date '2024-04-01' where customer_id = 'c2'",
        [{"customer_id": "c2", "since_date": date(2024, 4, 1)}],
    ),
    *(
        (
            LIFECYCLE,
            f"{column}_in_range",
            f"set {column} = 0 where customer_id = 'c1'",
            [{"customer_id": "c1", column: 0}],
        )
        for column in ("previous_gap_days", "expected_interval_days")
    ),
    (
        LIFECYCLE,
        "changes_after_the_as_of_date",
        "set next_state_on = date '2024-03-31' where customer_id = 'c1'",
        [{"customer_id": "c1", "next_state_on": date(2024, 3, 31)}],
    ),
    (
        LIFECYCLE,
        "next_state_has_its_day",
        (
            "set next_state = null where customer_id = 'c1'; "
            "update marts.customer_lifecycle set next_state = 'new' "
            "where customer_id = 'c2'"
        ),
        [
            {"customer_id": "c1", "next_state": None},
            {"customer_id": "c2", "next_state_on": None},
        ],
    ),
    (
        LIFECYCLE,
        "changes_to_another_state",
        "set next_state = 'active' where customer_id = 'c1'",
        [{"customer_id": "c1", "state": "active", "next_state": "active"}],
    ),
    (
        LIFECYCLE,
        "gap_between_first_and_last_order",
        (
            "set previous_gap_days = 31 where customer_id = 'c1'; "
            "update marts.customer_lifecycle set previous_gap_days = 1 "
            "where customer_id = 'c2'"
        ),
        [
            {"customer_id": "c1", "previous_gap_days": 31},
            {"customer_id": "c2", "previous_gap_days": 1},
        ],
    ),
    (
        LIFECYCLE,
        "gap_between_first_and_last_order",
        "set previous_gap_days = null where customer_id = 'c1'",
        [{"customer_id": "c1", "previous_gap_days": None}],
    ),
    (
        LIFECYCLE,
        "customers_are_those_of_dim_customer",
        "set customer_id = 'c9' where customer_id = 'c2'",
        [
            {"customer_id": "c2", "is_here": False, "is_in_dim_customer": True},
            {"customer_id": "c9", "is_here": True, "is_in_dim_customer": False},
        ],
    ),
    (
        LIFECYCLE,
        "days_agree_with_orders",
        "set days_since_last_order = 1 where customer_id = 'c1'",
        [{"customer_id": "c1", "last_order_date": date(2024, 3, 31)}],
    ),
    (
        LIFECYCLE,
        "days_agree_with_orders",
        "set days_since_first_order = 0 where customer_id = 'c2'",
        [{"customer_id": "c2", "first_order_date": None}],
    ),
]


ALL_BROKEN = [
    *BROKEN,
    *chain_checks.BROKEN,
    *crowd_checks.BROKEN,
    *audience_checks.BROKEN,
    *listed_checks.BROKEN,
    *outcome_checks.BROKEN,
]


@pytest.mark.parametrize(
    ("table", "check", "statements", "offenders"),
    ALL_BROKEN,
    ids=[f"{table}-{check}" for table, check, *_ in ALL_BROKEN],
)
def test_a_broken_row_is_named(
    broken: Callable[[str], Path],
    table: str,
    check: str,
    statements: str,
    offenders: list[dict[str, object]],
) -> None:
    """A check fails on the row that breaks it and names that row by its key."""
    if statements.startswith("set "):
        statements = f"update {table} {statements}"

    result = run_one(broken(statements), table, check)

    assert not result.passed
    found = [
        {name: row[name] for name in wanted}
        for row, wanted in zip(result.worst_offenders, offenders, strict=True)
    ]
    assert found == offenders
    assert result.unexpected_count == len(offenders)
    exceptions = (
        "1 exception" if len(offenders) == 1 else f"{len(offenders)} exceptions"
    )
    assert result.actual.startswith(f"{exceptions} in ")


@pytest.mark.parametrize(
    "tables",
    [
        AIPL,
        (LIFECYCLE,),
        chain_checks.TABLES,
        JOURNEY,
        crowd_checks.TABLES,
        audience_checks.TABLES,
        listed_checks.TABLES,
        outcome_checks.TABLES,
    ],
    ids=[
        "aipl",
        "lifecycle",
        "chain",
        "journey",
        "crowd",
        "audience",
        "listed",
        "outcome",
    ],
)
def test_every_check_is_seen_to_fail(tables: tuple[str, ...]) -> None:
    """A check that cannot fail says nothing: each has a row that breaks it."""
    broken_here = {(table, check) for table, check, *_ in ALL_BROKEN}

    for table in tables:
        names = [check.name for check in SUITES[table].checks]
        assert [name for name in names if (table, name) not in broken_here] == []


def test_a_valid_referral_passes(broken: Callable[[str], Path]) -> None:
    """What the broken referrals are made of is itself right."""
    database = broken(chain_checks.REFERRED)
    tables = (chain_checks.CHAIN, chain_checks.REFERRALS)
    names = ("referrals_agree_with_referrals", "one_first_referrer")
    suites = [only(tables[0], names[0]), SUITES[tables[1]]]

    results = run_suites(database, suites, context=AS_OF)

    assert [r.message() for r in results if not r.passed] == []


def test_worst_offenders_are_counted_in_full_and_shown_in_part(
    broken: Callable[[str], Path],
) -> None:
    """Ten rows are shown, in key order; the count is of all of them."""
    database = broken(
        "insert into marts.fct_interactions by name select "
        "'x' || lpad(i::text, 3, '0') as event_id, 'page_view' as event_type "
        "from range(250) as rows (i)"
    )

    result = run_one(database, EVENTS, "occurred_at_not_null")

    assert result.unexpected_count == 250
    assert result.actual == "250 exceptions in 251 rows."
    assert [row["event_id"] for row in result.worst_offenders] == [
        f"x00{i}" for i in range(10)
    ]
    assert result.sql is not None
    with duckdb.connect(str(database)) as connection:
        assert len(connection.execute(result.sql).fetchall()) == 250


def test_no_rows_at_all_is_valid(broken: Callable[[str], Path]) -> None:
    """An empty shop passes: nothing is expected where nothing has landed."""
    tables = [suite.table for suite in SUITES.values() if suite.table != FLOW]
    statements = [f"delete from {table}" for table in tables]
    database = broken("; ".join((*statements, f"update {FLOW} set customers = 0")))

    results = run_suites(database, SUITES.values(), context=AS_OF)

    assert [r.message() for r in results if not r.passed] == []


def test_facts_after_the_as_of_date_are_not_missed(
    broken: Callable[[str], Path],
) -> None:
    """On an earlier date, a table without the later rows is complete."""
    earlier = replace(AS_OF, as_of=date(2023, 12, 31))
    tables = (CUSTOMER, ORDERS, LINES, EVENTS, SCORES)
    emptied = broken("; ".join(f"delete from {table}" for table in tables))
    names = ("not_empty", "no_landed_order_lost", "totals_agree_with_orders")
    suites = [only(table, *names) for table in tables]

    results = run_suites(emptied, suites, context=earlier)
    today = run_suites(emptied, suites, context=AS_OF)

    assert [r.message() for r in results if not r.passed] == []
    assert {r.table for r in today if not r.passed} == {*tables} - {SCORES}


def test_a_table_has_one_suite(valid: Path) -> None:
    """Two suites of one table would overwrite each other's pages."""
    with pytest.raises(ValueError, match="same table"):
        run_suites(valid, [SUITES[ORDERS], SUITES[ORDERS]], context=AS_OF)


def test_all_history_has_no_last_day_of_the_window(
    broken: Callable[[str], Path],
) -> None:
    """Without an RFM window any recency is inside it."""
    database = broken("update marts.rfm_scores set recency_days = 4000")
    everything = replace(AS_OF, rfm_window_days=None)

    results = run_suites(
        database,
        [only(SCORES, "recency_inside_the_window", "totals_agree_with_orders")],
        context=everything,
    )

    assert [result.passed for result in results] == [True, True]


def test_warnings_do_not_block(broken: Callable[[str], Path]) -> None:
    """Only an error stops the publish."""
    database = broken(
        "update marts.fct_interactions set event_type = 'Page View'; "
        "update marts.rfm_scores set m_score = 0"
    )

    results = run_suites(
        database,
        [only(EVENTS, "event_type_is_a_name"), only(SCORES, "m_score_in_range")],
        context=AS_OF,
    )

    assert [r.passed for r in results] == [False, False]
    assert [r.name for r in blocking(results)] == ["m_score_in_range"]
    assert results[1].message() == (
        "marts.rfm_scores m_score_in_range: m_score is between 1 and 5. "
        "1 exception in 1 row.\n  customer_id=c1, m_score=0"
    )


class TestMachinery:
    """What goes wrong while checking is a failed check that says what went wrong."""

    def test_missing_table(self, broken: Callable[[str], Path]) -> None:
        """Every check of a missing table fails; other tables are still checked."""
        database = broken("drop table marts.rfm_scores")

        results = run_suites(
            database, [SUITES[SCORES], SUITES["marts.dim_product"]], context=AS_OF
        )

        scores = [r for r in results if r.table == SCORES]
        assert len(scores) == len(SUITES[SCORES].checks)
        assert not any(r.passed for r in scores)
        assert "rfm_scores does not exist" in scores[0].actual
        assert all(r.passed for r in results if r.table != SCORES)

    def test_missing_column(self, broken: Callable[[str], Path]) -> None:
        """The checks on a missing column fail and name it; the others go on."""
        database = broken("alter table marts.fct_orders drop net_amount")

        results = {
            r.name: r for r in run_suites(database, [SUITES[ORDERS]], context=AS_OF)
        }

        for name in ("net_amount_not_null", "net_is_gross_less_refund"):
            assert not results[name].passed
            assert "net_amount" in results[name].actual
            assert results[name].actual.startswith("It could not be evaluated: ")
        assert results["order_id_unique"].passed
        assert not results["columns_present"].passed

    def test_query_that_fails_while_it_runs(self, valid: Path) -> None:
        """After an error in the middle of a query the next checks still run."""
        suite = SUITES["marts.dim_product"]
        failing = replace(
            suite.checks[0],
            name="fails",
            expectation=None,
            offenders="select error('no luck :at all') from checked",
        )
        checks = (failing, *suite.checks)

        results = run_suites(valid, [replace(suite, checks=checks)], context=AS_OF)

        assert not results[0].passed
        assert "no luck :at all" in results[0].actual
        assert all(r.passed for r in results[1:])

    def test_missing_database(self, tmp_path: Path) -> None:
        """Without a database every check fails, and no file is made."""
        results = run_suites(tmp_path / "no.duckdb", [SUITES[ORDERS]], context=AS_OF)

        assert {r.actual for r in results} == {"There is no database no.duckdb."}
        assert not any(r.passed for r in results)
        assert list(tmp_path.iterdir()) == []

    def test_not_a_database(self, tmp_path: Path) -> None:
        """A file that DuckDB cannot open is named."""
        path = tmp_path / "build.duckdb"
        path.write_text("not a database, but long enough to be looked at" * 100)

        [result] = run_suites(path, [only(CUTS, "cut_not_null")], context=AS_OF)

        assert not result.passed
        assert "build.duckdb cannot be opened" in result.actual

    def test_file_is_free_afterwards(self, broken: Callable[[str], Path]) -> None:
        """The file can be opened for writing after the checks, also after failures."""
        database = broken("drop table marts.rfm_scores")

        run_suites(database, [SUITES[SCORES]], context=AS_OF)

        with duckdb.connect(str(database)) as connection:
            connection.execute("create table written as select 1")

    def test_odd_paths(self, valid: Path, tmp_path: Path) -> None:
        """Characters that mean something in a URL or a shell are only characters."""
        folder = tmp_path / "a b%20?x=1#$HOME ${HOME} 'q' 数据"
        folder.mkdir()
        shutil.copy(valid, folder / "build.duckdb")

        result = run_one(folder / "build.duckdb", ORDERS, "order_id_unique")

        assert result.passed


def test_nothing_is_said_and_no_file_is_left(
    valid: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A run is silent, writes nothing, and leaves logging as it was."""
    monkeypatch.chdir(tmp_path)
    level = logging.getLogger("great_expectations").level

    run_suites(valid, [SUITES[ORDERS]], context=AS_OF)

    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []
    assert logging.getLogger("great_expectations").level == level


def test_data_docs_open_without_a_network(
    broken: Callable[[str], Path], tmp_path: Path
) -> None:
    """The pages are written, link to one another, and refer to no other site."""
    database = broken(
        "update marts.dim_customer set attributes = 'call 13912345678', "
        "acquisition_channel = '<b>' where customer_id = 'c1'; "
        "update marts.dim_customer set valid_orders = -1 where customer_id = 'c2'"
    )
    docs = tmp_path / "docs"
    (docs / "validations" / "old").mkdir(parents=True)

    run_suites(database, [SUITES[CUSTOMER], SUITES[CUTS]], context=AS_OF, docs_dir=docs)

    pages = {path: path.read_text() for path in docs.rglob("*.html")}
    index = pages[docs / "index.html"]
    assert sum("validations" in path.parts for path in pages) == 2
    assert not (docs / "validations" / "old").exists()
    assert "no_direct_identifier" in index
    assert "as of 2024-03-31" in index
    links = [part.split('"')[0] for part in index.split('href="')[1:]]
    assert len(links) == 2
    for path, page in pages.items():
        for link in re.findall(r'href="([^"#:]+)["#]', page):
            assert (path.parent / link).is_file(), (path, link)
        assert "13912345678" not in page, path
        assert "<script" not in page, path
        assert "<link" not in page, path
        assert 'src="' not in page, path
        assert "url(" not in page, path


def test_two_million_rows_take_seconds(tmp_path: Path, valid: Path) -> None:
    """The suite of fct_orders over two million rows runs inside DuckDB in seconds."""
    path = tmp_path / "large.duckdb"
    shutil.copy(valid, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "insert into marts.fct_orders by name select 'n' || i as order_id, "
            "timestamp '2024-03-05 02:00' as ordered_at, date '2024-03-05' as "
            "order_date, 'paid' as status, 30 as gross_amount, 30 as net_amount, "
            "false as is_valid from range(2000000) as rows (i)"
        )
    started = time.monotonic()

    results = run_suites(path, [SUITES[ORDERS]], context=AS_OF)

    assert [r.message() for r in results if not r.passed] == []
    assert time.monotonic() - started < 30
