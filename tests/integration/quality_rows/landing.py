"""Landing for the tests of its checks: valid rows, and broken ones."""

from __future__ import annotations

from collections.abc import Iterator

from quality_rows.broken import Broken

LANDED_ORDERS = "landing.orders"
LANDED_LINES = "landing.order_lines"

BUILT = """
insert into landing.files values
  ('L1', 'shop', 'orders', 'orders.csv', 'orders.csv', 3, false),
  ('L2', 'shop', 'order_lines', 'lines.csv', 'lines.csv', 2, false),
  ('L3', 'shop', 'interactions', 'events.jsonl', 'events.jsonl', 1, false),
  ('L4', 'shop', 'members', 'members.csv', 'members.csv', 2, false),
  ('L5', 'shop', 'products', 'products.csv', 'products.csv', 1, false),
  ('L6', 'shop', 'identities', 'ids.csv', 'ids.csv', 1, false),
  ('L7', 'shop', 'consents', 'consents.csv', 'consents.csv', 1, false),
  ('L8', 'shop', 'assignments', 'arms.csv', 'arms.csv', 1, false),
  ('L9', 'shop', 'contacts', 'sent.csv', 'sent.csv', 1, false);
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
insert into landing.identities by name
  select 'openid' as id_type, 'x' as id_value, 'c1' as customer_id, 'L6' as _load_id,
    1 as _row;
insert into landing.consents by name
  select 'c1' as customer_id, 'sms' as channel, true as granted,
    timestamp '2024-01-05 09:00' as changed_at, 'L7' as _load_id, 1 as _row;
insert into landing.assignments by name
  select 'x' as experiment, 'c1' as customer_id, 'coupon' as arm,
    timestamp '2024-03-01 00:00' as assigned_at, 'L8' as _load_id, 1 as _row;
insert into landing.contacts by name
  select 'c1' as customer_id, 'sms' as channel,
    timestamp '2024-02-28 02:00' as sent_at, 'L9' as _load_id, 1 as _row;
"""

# Of each entity: load, file, its rows, a column, a required key, and a time, if any.
_FILES = {
    "orders": ("L1", "orders.csv", 3, "coupon_id", "order_id", "updated_at"),
    "order_lines": ("L2", "lines.csv", 2, "is_sample", "product_id", "ordered_at"),
    "interactions": ("L3", "events.jsonl", 1, "value", "event_type", "occurred_at"),
    "members": ("L4", "members.csv", 2, "persona", "customer_id", "wecom_bound_at"),
    "products": ("L5", "products.csv", 1, "brand", "product_id", "updated_at"),
    "identities": ("L6", "ids.csv", 1, "id_value", "customer_id", None),
    "consents": ("L7", "consents.csv", 1, "granted", "channel", "changed_at"),
    "assignments": ("L8", "arms.csv", 1, "arm", "experiment", "assigned_at"),
    "contacts": ("L9", "sent.csv", 1, "outcome", "channel", "sent_at"),
}


def _of_every_entity() -> Iterator[Broken]:
    """What every entity's contract has, broken in the first row of its file."""
    for entity, (load, file, rows, column, key, time) in _FILES.items():
        table = f"landing.{entity}"
        first = f"where _load_id = '{load}' and _row = 1"
        named: dict[str, object] = {"file": file, "row": 1}
        missing = {"column_name": column, "found_type": "missing"}
        yield table, "column_types", f"alter table {table} drop {column}", [missing]
        yield (
            table,
            "rows_agree_with_files",
            f"delete from {table} {first}",
            [{"file": file, "accepted": rows, "found": rows - 1}],
        )
        for check, fault in (
            ("required_columns_given", f"{key} = null"),
            ("keys_are_trimmed", f"{key} = ' ' || {key}"),
            ("keys_are_trimmed", f"{key} = ''"),
        ):
            yield table, check, f"set {fault} {first}", [named | {"columns": key}]
        if time:
            for moment in ("1970-01-01", "2100-01-03"):
                yield (
                    table,
                    "times_in_bounds",
                    f"set {time} = timestamp '{moment}' {first}",
                    [named | {"columns": time}],
                )


def _out_of_range() -> Iterator[Broken]:
    """Amounts and quantities that are more likely a wrong column or unit."""
    for entity, columns in {
        "orders": ("amount", "refund_amount"),
        "order_lines": (
            *("quantity", "unit_price", "line_amount", "amount", "refund_amount"),
        ),
        "products": ("list_price",),
    }.items():
        load, file, *_ = _FILES[entity]
        for column in columns:
            for number in ("1e12", "-1e12"):
                yield (
                    f"landing.{entity}",
                    f"{column}_in_range",
                    f"set {column} = {number} where _load_id = '{load}' and _row = 1",
                    [{"file": file, "row": 1}],
                )


BROKEN: list[Broken] = [
    *_of_every_entity(),
    *_out_of_range(),
    *(
        (
            LANDED_LINES,
            check,
            f"set {fault} where order_id = 'o2'",
            [{"file": "lines.csv", "row": 2}],
        )
        for check, fault in (
            ("status_known", "status = 'Paid'"),
            ("currency_is_the_shops", "currency = 'USD'"),
        )
    ),
    (
        LANDED_LINES,
        "required_columns_given",
        # The id that ingest gives to a row without one.
        "set line_key = null, quantity = null where order_id = 'o2'",
        [{"row": 2, "columns": "quantity, line_key"}],
    ),
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
]
