"""``truth.json`` and ``truth_customers.parquet``: what a correct warehouse finds.

All numbers come from the clean tables. They hold for the shop's last day as the as-of
date; facts of later days are counted separately.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from demo_shop.dirt import REASONS
from demo_shop.extracts import FILTERED, REPEAT, UPDATE
from demo_shop.files import FileFacts
from demo_shop.planted import planted
from demo_shop.season import END_AT, FIRST_DAY, LAST_DAY
from demo_shop.store import Store

CUSTOMERS_FILE = "truth_customers.parquet"

VALID = (
    "(status in ('paid', 'shipped', 'completed') and amount > refund "
    "and customer_no is not null)"
)

# Every occurrence of a customer id in the facts up to the last day.
_KNOWN = f"""
select customer_no from customers where is_member
union all select customer_no from orders
union all select customer_no from events where happened_at < {END_AT}
union all select customer_no from contacts
union all select customer_no from consents
union all select customer_no from identities
"""


def prepare(store: Store) -> None:
    """Create the view ``valid_orders``, the basis of all truth about sales."""
    store.run(
        "create view valid_orders as select *, amount - refund as net, "
        f"at_time(ordered_at)::date as order_date from orders where {VALID}"
    )


def write_truth(
    store: Store, out: Path, *, seed: int, customers: int, files: list[FileFacts]
) -> dict[str, Any]:
    """Write both truth files below ``out`` and return the content of ``truth.json``."""
    _write_customers(store, out / CUSTOMERS_FILE)
    truth = {
        "seed": seed,
        "customers_asked_for": customers,
        "shop": {
            "timezone": "Asia/Shanghai",
            "currency": "CNY",
            "first_day": FIRST_DAY.isoformat(),
            "last_day": LAST_DAY.isoformat(),
        },
        "as_of_date": LAST_DAY.isoformat(),
        "counts": _counts(store),
        "after_as_of_date": {
            "interactions": store.one(
                f"select count(*) from events where happened_at >= {END_AT}"
            )
        },
        "orders": _orders(store),
        "planted": planted(store, CUSTOMERS_FILE),
        "dirt": _dirt(store, files),
        "files": [_file(fact) for fact in files],
    }
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    (out / "truth.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    return truth


def _counts(store: Store) -> dict[str, int]:
    """Count the rows of marts and staging: facts without repeats and bad rows."""
    queries = {
        "customers": f"select count(distinct customer_no) from ({_KNOWN})",
        "members": "select count(*) from customers where is_member",
        "products_listed": "select count(*) from products where is_listed",
        "products": "select count(distinct product) from (select product from lines "
        "union all select product from products where is_listed)",
        "orders": "select count(*) from orders",
        "orders_of_guests": "select count(*) from orders where customer_no is null",
        "order_lines": "select count(*) from lines",
        "interactions": f"select count(*) from events where happened_at < {END_AT}",
        "interactions_of_guests": "select count(*) from events "
        f"where customer_no is null and happened_at < {END_AT}",
        "contacts": "select count(distinct (customer_no, channel, sent_at)) "
        "from contacts",
        "consents": "select count(distinct (customer_no, channel, granted, "
        "changed_at)) from consents",
        "identities": "select count(distinct (id_type, id_value, customer_no)) "
        "from identities",
        "assignments": "select count(*) from assignment_rows",
    }
    return {name: store.one(query) for name, query in queries.items()}


def _orders(store: Store) -> dict[str, Any]:
    """Sum up the orders; money as text with two decimals."""
    count, buyers, gross, refund, net = store.rows(
        "select count(*), count(distinct customer_no), money(sum(amount)), "
        "money(sum(refund)), money(sum(net)) from valid_orders"
    )[0]
    months = store.rows(
        "select strftime(order_date, '%Y-%m') as month, count(*), money(sum(net)) "
        "from valid_orders group by all order by month"
    )
    statuses = store.rows(
        "select status, count(*) from orders group by all order by status"
    )
    return {
        "valid": count,
        "customers": buyers,
        "gross_amount": gross,
        "refund_amount": refund,
        "net_amount": net,
        "by_month": {m: {"valid": n, "net_amount": net} for m, n, net in months},
        "by_status": dict(statuses),
        "in_store": store.one("select count(*) from orders where in_store"),
    }


def _dirt(store: Store, files: list[FileFacts]) -> dict[str, Any]:
    """Sum up the dirt in the files; each file's entry has its places."""
    bad = Counter(row.reason for fact in files for row in fact.bad)
    kinds: Counter[str] = Counter()
    for fact in files:
        kinds.update(fact.kinds)
    partly = "refund > 0 and status not in ('refunded', 'cancelled')"
    return {
        "bad_rows": dict(sorted(bad.items())),
        "reasons": REASONS,
        "repeated_rows": kinds[REPEAT],
        "updated_rows": kinds[UPDATE],
        "filtered_rows": kinds[FILTERED],
        "late_refunds": store.one(
            "select count(*) from orders where not in_store and refund > 0 "
            "and updated_month > month"
        ),
        "partial_refunds": store.one(f"select count(*) from orders where {partly}"),
        "returns_in_stores": store.one("select count(*) from orders where amount < 0"),
        "equal_lines_in_stores": store.one(
            "select coalesce(sum(times - 1), 0)::bigint from (select count(*) as times "
            "from lines join orders using (order_no) where in_store "
            "group by order_no, product, quantity, cents)"
        ),
        "files_without_rows": [fact.path for fact in files if not fact.rows],
    }


def _file(fact: FileFacts) -> dict[str, Any]:
    """Return the entry of one file: read = accepted + rejected + filtered."""
    filtered = fact.kinds.get(FILTERED, 0)
    return {
        "path": fact.path,
        "source": fact.source,
        "entity": fact.entity,
        "rows": fact.rows,
        "accepted": fact.rows - len(fact.bad) - filtered,
        "rejected": len(fact.bad),
        "filtered": filtered,
        "repeated": fact.kinds.get(REPEAT, 0),
        "updated": fact.kinds.get(UPDATE, 0),
        "bad_rows": [{"row": row.row, "reason": row.reason} for row in fact.bad],
    }


def _write_customers(store: Store, path: Path) -> None:
    """Write one row for each customer: what was planted, and what they did."""
    store.to_parquet(
        f"""
        with sales as (
            select customer_no, count(*) as valid_orders, sum(net) as net,
                min(order_date) as first_order_date, max(order_date) as last_order_date
            from valid_orders group by customer_no
        ),
        acts as (
            select customer_no, count(*) as interactions,
                count(*) filter (type = 'review_positive') as reviews_positive,
                count(*) filter (type = 'share') as shares,
                count(*) filter (type = 'refer') as refers,
                count(*) filter (type = 'check_in') as check_ins
            from events
            where customer_no is not null and happened_at < {END_AT}
            group by customer_no
        )
        select
            customer_id(customer_no) as customer_id,
            story,
            crowd,
            case when role = 'KOL' then 'kol' when is_contributor then 'contributor'
                else 'ordinary' end as tier,
            role,
            is_member,
            main_product,
            coalesce(valid_orders, 0) as valid_orders,
            (coalesce(net, 0) / 100.0)::decimal(18, 2) as net_amount,
            first_order_date,
            last_order_date,
            coalesce(interactions, 0) as interactions,
            coalesce(reviews_positive, 0) as reviews_positive,
            coalesce(shares, 0) as shares,
            coalesce(refers, 0) as refers,
            coalesce(check_ins, 0) as check_ins
        from customers
        left join sales using (customer_no)
        left join acts using (customer_no)
        order by customer_no""",
        path,
    )
