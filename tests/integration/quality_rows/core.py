"""The core marts for the tests of their checks: valid rows, and broken ones."""

from __future__ import annotations

from datetime import date

from quality_rows.broken import Broken

CUSTOMER = "marts.dim_customer"
PRODUCT = "marts.dim_product"
ORDERS = "marts.fct_orders"
LINES = "marts.fct_order_lines"
EVENTS = "marts.fct_interactions"

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
create table intermediate.int_orders as
  select * exclude (order_seq), 2 as build_no from marts.fct_orders union all by name
  -- An order of an earlier build was looked at then.
  select 'o0' as order_id, 'lost' as status, 1 as build_no;
create table marts.fct_order_lines as select * from (values
    ('o1-1', 'o1', 1, 'p1', 2, 10.00, date '2024-03-01'),
    ('o2-1', 'o2', 1, 'p1', 4, 20.00, date '2024-03-31'))
  as rows (line_key, order_id, line_no, product_id, quantity, line_amount, order_date);
-- Event types of an earlier build were looked at then.
create table intermediate.int_interactions as select *, 'wecom' as channel,
    cast(null as varchar) as campaign_id, cast(null as varchar) as referred_customer_id
  from (values
    ('e1', 'c2', 'page_view', timestamp '2024-03-02 09:00', date '2024-03-02', 2),
    ('e0', null, 'Old Name', timestamp '2024-03-02 08:00', date '2024-03-02', 1))
  as rows (event_id, customer_id, event_type, occurred_at, event_date, build_no);
create view marts.fct_interactions as
  select * exclude (build_no) from intermediate.int_interactions;
"""

BROKEN: list[Broken] = [
    *(
        (table, "not_empty", f"delete from {emptied}", [{"rows": 0, "facts": 1}])
        for table, emptied in (
            (CUSTOMER, CUSTOMER),
            (PRODUCT, PRODUCT),
            (LINES, LINES),
            (EVENTS, "intermediate.int_interactions"),
        )
    ),
    (
        LINES,
        "not_after_as_of",
        "set order_date = date '2024-04-01' where line_key = 'o2-1'",
        [{"line_key": "o2-1", "order_date": date(2024, 4, 1)}],
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
        "customer_id_is_not_a_direct_identifier",
        "set customer_id = '13912345678' where customer_id = 'c2'",
        [{"customer_id": "13…78"}],
    ),
    (
        ORDERS,
        "status_known",
        "update intermediate.int_orders set status = 'unpaid' where order_id = 'o3'",
        [{"order_id": "o3", "status": "unpaid"}],
    ),
    (
        ORDERS,
        "not_after_as_of",
        "set order_date = date '2024-04-01' where order_id = 'o3'",
        [{"order_date": date(2024, 4, 1)}],
    ),
    (
        ORDERS,
        "order_date_is_local",
        "update intermediate.int_orders set order_date = date '2024-03-30' "
        "where order_id = 'o2'",
        [{"order_id": "o2", "order_date": date(2024, 3, 30)}],
    ),
    (
        ORDERS,
        "net_is_gross_less_refund",
        "update intermediate.int_orders set net_amount = 10 where order_id = 'o1'",
        [{"order_id": "o1"}],
    ),
    (
        ORDERS,
        "no_landed_order_lost",
        "delete from marts.fct_orders where order_id = 'o2'",
        [{"order_id": "o2"}],
    ),
    (
        EVENTS,
        "not_after_as_of",
        "update intermediate.int_interactions set event_date = date '2024-04-01'",
        [{"event_date": date(2024, 4, 1)}],
    ),
    (
        EVENTS,
        "event_type_is_a_name",
        "update intermediate.int_interactions set event_type = 'Page View' "
        "where event_id = 'e1'",
        [{"event_id": "e1", "event_type": "Page View"}],
    ),
]
