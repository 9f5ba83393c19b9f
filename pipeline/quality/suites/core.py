"""The core marts: customers, products, orders, order lines, interactions."""

from __future__ import annotations

from pipeline.config.project import STATUSES
from pipeline.quality import kinds
from pipeline.quality.model import Check, Suite
from pipeline.quality.privacy import DIRECT_IDENTIFIER
from pipeline.quality.suites.facts import LANDED_CUSTOMERS, LANDED_ORDERS, landed

# For the largest tables, the rows of the last build that wrote any; after a full
# refresh these are all rows.
_LAST_WRITTEN = "build_no = (select max(build_no) from {})"


def _no_later_day(table: str, column: str) -> Check:
    return kinds.no_result(
        "not_after_as_of",
        f"No date is after the as-of date ({column}).",
        f"select max({column}) as {column} from {table} "
        f"having max({column}) > ${{as_of}}",
    )


DIM_CUSTOMER = Suite(
    "marts",
    "dim_customer",
    key="checked.customer_id",
    identifiers=("customer_id",),
    checks=(
        kinds.not_empty_if(LANDED_CUSTOMERS),
        kinds.not_after_as_of("first_order_date", "last_order_date"),
        kinds.no_rows(
            "first_seen_by_the_as_of_date",
            "No customer was first seen or registered after the as-of date.",
            where="greatest(first_seen_at, registered_at) >= ${end_of_as_of}",
            show="first_seen_at, registered_at",
        ),
        kinds.no_rows(
            "order_dates_agree",
            "Exactly customers with valid orders have order dates, which are in order.",
            where="first_order_date > last_order_date "
            "or (valid_orders > 0) <> (first_order_date is not null) "
            "or (valid_orders > 0) <> (last_order_date is not null)",
            show="first_order_date, last_order_date, valid_orders",
        ),
        kinds.no_result(
            "valid_orders_agree_with_orders",
            "Each customer's valid_orders is the number of valid orders in fct_orders.",
            "select checked.customer_id, checked.valid_orders, "
            "coalesce(orders.found, 0) as found from checked left join "
            "(select customer_id, count(*) as found from marts.fct_orders "
            "where is_valid group by customer_id) as orders "
            "on orders.customer_id = checked.customer_id "
            "where checked.valid_orders <> coalesce(orders.found, 0)",
        ),
        kinds.no_result(
            "no_direct_identifier",
            "No text column holds a phone number or an e-mail address.",
            "select customer_id, column_name as in_column from (unpivot "
            "(select customer_id, ${text_columns} from checked where regexp_matches("
            f"concat_ws(chr(10), '', ${{text_columns}}), '{DIRECT_IDENTIFIER}')) "
            "on ${text_columns} into name column_name value cell) "
            f"where regexp_matches(cell, '{DIRECT_IDENTIFIER}')",
        ),
        kinds.no_rows(
            "customer_id_is_not_a_direct_identifier",
            "A customer id is not a phone number or an e-mail address.",
            where=f"regexp_matches(checked.customer_id, '{DIRECT_IDENTIFIER}')",
            severity="warn",
        ),
    ),
)

DIM_PRODUCT = Suite(
    "marts",
    "dim_product",
    key="product_id",
    identifiers=("product_id",),
    checks=(
        kinds.not_empty_if(f"{landed('products')} union all {landed('order_lines')}"),
    ),
)

FCT_ORDERS = Suite(
    "marts",
    "fct_orders",
    key="checked.order_id",
    identifiers=("order_id",),
    source="intermediate.int_orders",
    where=_LAST_WRITTEN.format("intermediate.int_orders"),
    checks=(
        kinds.in_set("status", STATUSES),
        _no_later_day("marts.fct_orders", "order_date"),
        kinds.no_rows(
            "order_date_is_local",
            "order_date is the day of ordered_at in the shop's timezone.",
            where="order_date <> "
            "cast(timezone(${timezone}, timezone('UTC', ordered_at)) as date)",
            show="ordered_at, order_date",
        ),
        kinds.no_rows(
            "net_is_gross_less_refund",
            "net_amount is gross_amount less refund_amount.",
            where="net_amount <> gross_amount - coalesce(refund_amount, 0)",
            show="gross_amount, refund_amount, net_amount",
        ),
        kinds.no_result(
            "no_landed_order_lost",
            "Every order in landing up to the as-of date is in the table.",
            f"select distinct landed.order_id from ({LANDED_ORDERS}) as landed "
            "where not exists (select 1 from marts.fct_orders as orders "
            "where orders.order_id = landed.order_id)",
        ),
    ),
)

FCT_ORDER_LINES = Suite(
    "marts",
    "fct_order_lines",
    key="checked.line_key, checked.order_id, checked.line_no",
    identifiers=("line_key", "order_id", "line_no"),
    checks=(
        kinds.not_after_as_of("order_date"),
        kinds.not_empty_if(landed("order_lines")),
    ),
)

FCT_INTERACTIONS = Suite(
    "marts",
    "fct_interactions",
    key="checked.event_id",
    identifiers=("event_id",),
    source="intermediate.int_interactions",
    where=_LAST_WRITTEN.format("intermediate.int_interactions"),
    checks=(
        kinds.no_rows(
            "event_type_is_a_name",
            "An event type is written in lower case, with _ between words.",
            where="not regexp_full_match(event_type, '[a-z][a-z0-9_]*')",
            show="event_type",
            severity="warn",
        ),
        _no_later_day("marts.fct_interactions", "event_date"),
        kinds.not_empty_if(landed("interactions"), "marts.fct_interactions"),
    ),
)
