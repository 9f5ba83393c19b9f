"""Why one customer has the labels that it has, on a page for a terminal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.errors import SiyuError
from pipeline.report.flow import STAGE_LABELS
from pipeline.settings import Settings
from pipeline.warehouse import Warehouse

Row = dict[str, Any]
_SHOWN_ORDERS = 5
_SHOWN_STAYS = 5


def print_explanation(console: Console, settings: Settings, customer_id: str) -> None:
    """Show a customer's facts, scores and labels, and what would lift each score.

    Raises ``SiyuError`` if nothing is published, or the customer is not known.
    """
    warehouse = Warehouse(settings.warehouse)
    if not warehouse.database.exists():
        raise SiyuError("nothing has been published yet; `siyu run` comes first")
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        customer = _one(connection, "dim_customer", customer_id)
        if customer is None:
            raise SiyuError(f"customer '{customer_id}' is not known to this warehouse")
        scores = _one(connection, "rfm_scores", customer_id)
        _print_customer(console, settings, customer)
        _print_stage(console, connection, customer_id)
        if scores is None:
            console.print("RFM: no valid order in the window, so no scores.")
        else:
            _print_scores(console, settings, connection, scores)
        _print_orders(console, connection, customer_id)


def _one(
    connection: duckdb.DuckDBPyConnection, table: str, customer_id: str
) -> Row | None:
    return _first(
        connection.execute(
            f"select * from marts.{table} where customer_id = ?", [customer_id]
        )
    )


def _first(result: duckdb.DuckDBPyConnection) -> Row | None:
    names = [column[0] for column in result.description or []]
    row = result.fetchone()
    return dict(zip(names, row, strict=True)) if row else None


def _print_customer(console: Console, settings: Settings, customer: Row) -> None:
    title = f"{customer['customer_id']} · {settings.shop.name}"
    console.rule(escape(title), align="left")
    facts = {
        "member": "yes" if customer["is_member"] else "no",
        "WeCom": "bound" if customer["wecom_bound"] else "not bound",
        "came from": customer["acquisition_channel"],
        "first seen": customer["first_seen_at"],
        "first order": customer["first_order_date"],
        "last order": customer["last_order_date"],
        "valid orders": customer["valid_orders"],
    }
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in facts.items():
        table.add_row(f"[dim]{name}[/]", "–" if value is None else escape(str(value)))
    console.print(table)


def _print_stage(
    console: Console, connection: duckdb.DuckDBPyConnection, customer_id: str
) -> None:
    """The AIPL stage, why and until when, and the stays that came before."""
    stage = _one(connection, "aipl_stage", customer_id)
    assert stage is not None  # every customer of dim_customer has one
    en, zh = STAGE_LABELS[stage["stage"]]
    title = f"AIPL as of {stage['as_of_date']}: {en} {zh}"
    console.rule(escape(title), align="left")
    since = stage["since_date"] or "the beginning"
    console.print(f"since {since}, because of {stage['cause']}", markup=False)
    if stage["lapses_on"]:
        to_en, to_zh = STAGE_LABELS[stage["lapses_to"]]
        console.print(
            f"unless something happens, {to_en} {to_zh} from {stage['lapses_on']} on",
            markup=False,
        )
    if stage["play"]:
        console.print(f"play {stage['play']}, as {stage['persona']}", markup=False)
    rows = connection.execute(
        "select stage, valid_from, valid_to, cause from marts.aipl_stage_history "
        f"where customer_id = ? order by valid_from desc limit {_SHOWN_STAYS}",
        [customer_id],
    ).fetchall()
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("stage", "from", "until", "cause"):
        table.add_column(name)
    for name, first, after, cause in rows:
        last = after - timedelta(days=1) if after else "–"
        table.add_row(STAGE_LABELS[name][0], str(first), str(last), escape(cause))
    if rows:
        console.print(table)


def _print_scores(
    console: Console,
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    scores: Row,
) -> None:
    segment = _first(
        connection.execute(
            "select * from marts.dim_rfm_segment where segment = ?",
            [scores["rfm_segment"]],
        )
    )
    label = f"{segment['label_en']} {segment['label_zh']}" if segment else ""
    title = f"RFM as of {scores['as_of_date']}: {label}"
    console.rule(escape(title), align="left")
    console.print(
        f"segment {scores['rfm_segment']}, value tier {scores['value_tier']}, "
        f"class {scores['rfm_class']}, code {scores['rfm_code']}"
    )
    currency = settings.shop.currency
    metrics = [
        (
            "recency",
            "recency_days",
            "r_score",
            "recency_days_to_next_score",
            "days",
            "fewer",
        ),
        (
            "frequency",
            "frequency",
            "f_score",
            "frequency_to_next_score",
            "orders",
            "more",
        ),
        ("monetary", "monetary", "m_score", "monetary_to_next_score", currency, "more"),
    ]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in (
        "metric",
        "value",
        "score",
        "because of the cut points",
        "a better score with",
    ):
        table.add_column(name)
    for metric, value, score, distance, unit, direction in metrics:
        cuts = connection.execute(
            "select threshold, method from marts.rfm_thresholds "
            "where metric = ? order by cut",
            [metric],
        ).fetchall()
        method = cuts[0][1] if cuts else "–"
        listed = ", ".join(f"{threshold:,.6g}" for threshold, _ in cuts)
        next_step = scores[distance]
        table.add_row(
            metric,
            f"{scores[value]:,} {unit}",
            f"{scores[score]} of 5",
            f"{listed} ({method})",
            f"{next_step:,} {unit} {direction}" if next_step is not None else "–",
        )
    console.print(table)


def _print_orders(
    console: Console, connection: duckdb.DuckDBPyConnection, customer_id: str
) -> None:
    rows = connection.execute(
        "select order_date, order_id, status, net_amount, channel, is_valid "
        "from marts.fct_orders where customer_id = ? "
        f"order by ordered_at desc, order_id desc limit {_SHOWN_ORDERS}",
        [customer_id],
    ).fetchall()
    if not rows:
        return
    console.rule("last orders", align="left")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("date", "order", "status", "net amount", "channel", "counts"):
        table.add_column(name)
    for day, order, status, amount, channel, is_valid in rows:
        table.add_row(
            str(day),
            escape(order),
            status,
            f"{amount:,}",
            escape(channel or "–"),
            "yes" if is_valid else "no",
        )
    console.print(table)
