"""The core marts: customers, products, orders, order lines, interactions."""

from __future__ import annotations

from pipeline.config.contract import STATUSES
from pipeline.quality import kinds
from pipeline.quality.model import Suite
from pipeline.quality.privacy import DIRECT_IDENTIFIER
from pipeline.quality.suites.facts import LANDED_CUSTOMERS, LANDED_ORDERS, landed

_VALID = "status in ('paid', 'shipped', 'completed') and net_amount > 0"

DIM_CUSTOMER = Suite(
    "marts",
    "dim_customer",
    key="checked.customer_id",
    identifiers=("customer_id",),
    checks=(
        kinds.columns_present(
            (
                "customer_id",
                "registered_at",
                "first_seen_at",
                "acquisition_channel",
                "is_member",
                "wecom_bound",
                "first_order_date",
                "last_order_date",
                "valid_orders",
            )
        ),
        kinds.not_null("customer_id"),
        kinds.unique("customer_id"),
        kinds.not_null("is_member"),
        kinds.not_null("wecom_bound"),
        kinds.between("valid_orders", 0),
        kinds.not_empty_if(LANDED_CUSTOMERS),
        kinds.not_after_as_of("first_order_date", "last_order_date"),
        kinds.no_rows(
            "first_seen_by_the_as_of_date",
            "Nobody was first seen or registered after the as-of date.",
            where="greatest(first_seen_at, registered_at) >= ${end_of_as_of}",
            show="first_seen_at, registered_at",
        ),
        kinds.no_rows(
            "order_dates_agree",
            "There are order dates, in order, exactly when there are valid orders.",
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
            "customer_id_is_no_direct_identifier",
            "Customers are known by an id, not by a phone number or e-mail address.",
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
        kinds.columns_present(
            ("product_id", "name", "category", "brand", "is_sample", "consumption_days")
        ),
        kinds.not_null("product_id"),
        kinds.unique("product_id"),
        kinds.between("consumption_days", 1, severity="warn"),
        kinds.not_empty_if(f"{landed('products')} union all {landed('order_lines')}"),
    ),
)

FCT_ORDERS = Suite(
    "marts",
    "fct_orders",
    key="checked.order_id",
    identifiers=("order_id",),
    checks=(
        kinds.columns_present(
            (
                "order_id",
                "customer_id",
                "ordered_at",
                "order_date",
                "status",
                "gross_amount",
                "refund_amount",
                "net_amount",
                "channel",
                "is_valid",
                "order_seq",
            )
        ),
        kinds.not_null("order_id"),
        kinds.unique("order_id"),
        *(
            kinds.not_null(column)
            for column in (
                "ordered_at",
                "order_date",
                "status",
                "gross_amount",
                "net_amount",
                "is_valid",
            )
        ),
        kinds.in_set("status", STATUSES),
        kinds.not_after_as_of("order_date"),
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
        kinds.no_rows(
            "valid_exactly_when_it_counts",
            "An order is valid exactly when it is paid, shipped or completed, its net "
            "amount is above zero and its customer is known.",
            where=f"is_valid <> ({_VALID} and customer_id is not null)",
            show="status, net_amount, customer_id is null as is_guest, is_valid",
        ),
        kinds.no_rows(
            "order_seq_on_valid_orders",
            "Valid orders have an order_seq and others have none.",
            where="is_valid <> (order_seq is not null)",
            show="is_valid, order_seq",
        ),
        kinds.no_result(
            "order_seq_counts_up",
            "A customer's valid orders are numbered 1, 2, 3 … without a gap.",
            "select customer_id, count(*) as orders, min(order_seq) as first_seq, "
            "max(order_seq) as last_seq, count(distinct order_seq) as numbers "
            "from checked where order_seq is not null group by customer_id "
            "having min(order_seq) <> 1 or max(order_seq) <> count(*) "
            "or count(distinct order_seq) <> count(*)",
        ),
        kinds.exists_in("customer_id", "marts.dim_customer", show="customer_id"),
        kinds.not_empty_if(LANDED_ORDERS),
        kinds.no_result(
            "no_landed_order_lost",
            "Every order in landing up to the as-of date is there.",
            f"select distinct landed.order_id from ({LANDED_ORDERS}) as landed "
            "where not exists "
            "(select 1 from checked where checked.order_id = landed.order_id)",
        ),
    ),
)

FCT_ORDER_LINES = Suite(
    "marts",
    "fct_order_lines",
    key="checked.line_key, checked.order_id, checked.line_no",
    identifiers=("line_key", "order_id", "line_no"),
    checks=(
        kinds.columns_present(
            (
                "line_key",
                "order_id",
                "line_no",
                "product_id",
                "quantity",
                "line_amount",
                "order_date",
            )
        ),
        kinds.unique("line_key"),
        kinds.unique("order_id", "line_no"),
        *(
            kinds.not_null(column)
            for column in (
                "line_key",
                "order_id",
                "line_no",
                "product_id",
                "quantity",
                "line_amount",
            )
        ),
        kinds.not_after_as_of("order_date"),
        kinds.exists_in("order_id", "marts.fct_orders"),
        kinds.exists_in("product_id", "marts.dim_product", show="product_id"),
        kinds.not_empty_if(landed("order_lines")),
    ),
)

FCT_INTERACTIONS = Suite(
    "marts",
    "fct_interactions",
    key="checked.event_id",
    identifiers=("event_id",),
    checks=(
        kinds.columns_present(
            (
                "event_id",
                "customer_id",
                "event_type",
                "occurred_at",
                "event_date",
                "channel",
                "campaign_id",
            )
        ),
        kinds.unique("event_id"),
        *(
            kinds.not_null(column)
            for column in ("event_id", "event_type", "occurred_at", "event_date")
        ),
        kinds.no_rows(
            "event_type_is_a_name",
            "An event type is written in lower case, with _ between words.",
            where="not regexp_full_match(event_type, '[a-z][a-z0-9_]*')",
            show="event_type",
            severity="warn",
        ),
        kinds.not_after_as_of("event_date"),
        kinds.exists_in("customer_id", "marts.dim_customer", show="customer_id"),
        kinds.not_empty_if(landed("interactions")),
    ),
)
