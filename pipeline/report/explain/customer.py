"""Sections of facts: the customer's attributes and last orders."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from pipeline.report.explain.page import Page, Row

_SHOWN_ORDERS = 5


def print_customer(page: Page, customer: Row) -> None:
    """The page's title, and the customer's attributes."""
    stage = page.one("aipl_stage")
    day = f" · as of {stage['as_of_date']}" if stage else ""
    page.section(f"{page.customer_id} · {page.shop.name}{day}")
    page.facts(
        {
            "reachable": _reachable(customer),
            "came from": _joined(
                customer,
                "acquisition_channel",
                "acquisition_campaign_id",
                others=[_first_seen(page, customer)],
            ),
            "person": _joined(
                customer,
                *("gender", "birth_date", "region", "city_tier", "household"),
                *("occupation", "role"),
            ),
            "received by": _joined(customer, "persona", "group_id"),
            "orders": _orders(customer),
        }
    )


def _reachable(customer: Row) -> str:
    member = "member" if customer["is_member"] else "no member"
    return f"{member} · {'in WeCom' if customer['wecom_bound'] else 'not in WeCom'}"


def _joined(
    customer: Row, *columns: str, others: list[str | None] | None = None
) -> str | None:
    values = [customer.get(column) for column in columns] + (others or [])
    return " · ".join(str(value) for value in values if value is not None) or None


def _first_seen(page: Page, customer: Row) -> str | None:
    seen: datetime | None = customer["first_seen_at"]
    if seen is None:
        return None
    local = seen.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(page.shop.timezone))
    return f"first seen {local.date()}"


def _orders(customer: Row) -> str:
    number = customer["valid_orders"]
    if not number:
        return "no valid order"
    first, last = customer["first_order_date"], customer["last_order_date"]
    return f"{number:,} valid, the first on {first}, the last on {last}"


def print_orders(page: Page) -> None:
    """The last orders, and whether each is valid."""
    rest = f"order by ordered_at desc, order_id desc limit {_SHOWN_ORDERS}"
    rows = page.rows("fct_orders", rest)
    if not rows:
        return
    page.section("Last orders 最近订单")
    page.table(
        ("date", "order", "status", "net amount", "channel", "counts"),
        [
            (
                row["order_date"],
                row["order_id"],
                row["status"],
                f"{row['net_amount']:,}",
                row["channel"],
                "yes" if row["is_valid"] else "no",
            )
            for row in rows
        ],
    )
