"""The daily report as one static page that needs nothing but a browser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from pipeline import __version__
from pipeline.config.settings import Settings
from pipeline.quality.model import CheckResult
from pipeline.report.explain.labels import Labels
from pipeline.report.figures import (
    chain_links,
    cohorts,
    fetch,
    journeys_due,
    label_counts,
)
from pipeline.report.flow import STAGE_LABELS
from pipeline.report.results import experiment_results
from pipeline.storage.atomic_files import replace_file
from pipeline.storage.load_log import LoadLog, active_loads
from pipeline.storage.quoting import quote_text
from pipeline.storage.warehouse import Warehouse

Row = dict[str, Any]
_PERIOD_DAYS = 30
_FLOW_DAYS = 7
_REASONS_SHOWN = 12


def write_report(
    settings: Settings,
    warehouse: Warehouse,
    load_log: LoadLog,
    check_results: Sequence[CheckResult] = (),
) -> Path:
    """Write ``report/index.html`` from the published marts; return its path.

    ``check_results`` are the quality checks of this run, for the list of warnings.
    """
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        content = _from_marts(connection, Labels(settings))
    content |= {
        "shop": settings.shop,
        "version": __version__,
        "sources": _sources(settings, load_log),
        "quarantine": _quarantine(warehouse),
        "warnings": [result for result in check_results if not result.passed],
        "checks": len(check_results),
        "period_days": _PERIOD_DAYS,
        "flow_days": _FLOW_DAYS,
        "stage_labels": STAGE_LABELS,
    }
    environment = Environment(
        loader=PackageLoader("pipeline.report"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html").render(content)
    finished = warehouse.scratch / "index.html"
    finished.write_text(page, encoding="utf-8")
    target = warehouse.report / "index.html"
    replace_file(finished, target)
    return target


def _from_marts(connection: duckdb.DuckDBPyConnection, labels: Labels) -> Row:
    tables = fetch(connection, "from marts.published order by table_name")
    as_of = tables[0]["as_of_date"]
    return {
        "as_of": as_of,
        "tables": tables,
        "totals": fetch(connection, _TOTALS)[0],
        "now": fetch(connection, _PERIOD, [as_of - timedelta(_PERIOD_DAYS), as_of])[0],
        "before": fetch(
            connection,
            _PERIOD,
            [as_of - timedelta(2 * _PERIOD_DAYS), as_of - timedelta(_PERIOD_DAYS)],
        )[0],
        "months": fetch(connection, _MONTHS),
        "segments": fetch(connection, _SEGMENTS),
        "stages": fetch(connection, _STAGES),
        "flow": {
            (row["from_stage"], row["to_stage"]): row["customers"]
            for row in fetch(connection, _FLOW, [as_of - timedelta(_FLOW_DAYS)])
        },
        "plays": fetch(connection, _PLAYS),
        "results": experiment_results(connection),
        "cells": {
            (row["r_score"], row["f_score"]): row for row in fetch(connection, _CELLS)
        },
        "labelled": label_counts(connection, labels, as_of, _FLOW_DAYS),
        "journeys": journeys_due(connection),
        "links": chain_links(connection),
        "retention": cohorts(connection, as_of),
    }


_TOTALS = """
select
    count(*) as customers,
    count(*) filter (where is_member) as members,
    count(*) filter (where wecom_bound) as wecom,
    count(*) filter (where valid_orders > 0) as buyers,
    count(*) filter (where valid_orders > 1) as repeat_buyers
from marts.dim_customer
"""

# After the first day, up to and including the second.
_PERIOD = """
select
    count(*) as orders,
    count(distinct customer_id) as buyers,
    coalesce(sum(net_amount), 0) as net_amount,
    count(*) filter (where order_seq = 1) as first_orders
from marts.fct_orders
where is_valid and order_date > ? and order_date <= ?
"""

_MONTHS = """
select
    strftime(date_trunc('month', order_date), '%Y-%m') as month,
    count(*) as orders,
    sum(net_amount) as net_amount
from marts.fct_orders
where is_valid
group by month
order by month desc
limit 24
"""

_SEGMENTS = """
select
    *,
    customers / nullif(sum(customers) over (), 0) as share,
    monetary / nullif(sum(monetary) over (), 0) as monetary_share
from marts.dim_rfm_segment
order by customers desc, segment
"""

_STAGES = """
select
    stages.stage,
    count(*) as customers,
    count(*) / sum(count(*)) over () as share,
    count(*) filter (where since_date = as_of_date) as arrived,
    count(*) filter (where lapses_on <= as_of_date + 7) as lapsing
from marts.aipl_stage as stages
group by stages.stage
"""

_FLOW = """
select from_stage, to_stage, customers from marts.aipl_flow where from_date = ?
"""

_PLAYS = """
with plays as (
    select
        play, stage, min_by(label_en, priority) as label_en,
        min_by(label_zh, priority) as label_zh,
        min_by(objective, priority) as objective,
        min_by(offer_key, priority) as offer_key
    from marts.dim_play
    group by play, stage
)
select
    stages.play, plays.label_en, plays.label_zh, stages.stage, stages.persona,
    plays.objective, plays.offer_key, count(*) as customers
from marts.aipl_stage as stages
left join plays on stages.play = plays.play and stages.stage = plays.stage
group by all
order by customers desc, stages.play
"""

_CELLS = """
select r_score, f_score, count(*) as customers, mode(rfm_segment) as segment,
    count(*) / max(count(*)) over () as heat
from marts.rfm_scores
group by r_score, f_score
"""


def _sources(settings: Settings, load_log: LoadLog) -> list[Row]:
    loads = active_loads(settings, load_log)
    rows = []
    for source in settings.sources:
        own = [load for load in loads if load.source == source.name]
        rows.append(
            {
                "name": source.name,
                "entity": source.entity,
                "files": len(own),
                "accepted": sum(load.rows_accepted for load in own),
                "quarantined": sum(load.rows_quarantined for load in own),
                "filtered": sum(load.rows_filtered for load in own),
                "newest": max((day for load in own for day in load.days), default=None),
            }
        )
    return rows


def _quarantine(warehouse: Warehouse) -> list[Row]:
    """The most common reasons, without the values that broke the contract."""
    if not any(warehouse.quarantine.glob("*/*.parquet")):
        return []
    files = quote_text(str(warehouse.quarantine / "*" / "*.parquet"))
    with duckdb.connect() as connection:
        return fetch(
            connection,
            f"""
            select
                source,
                regexp_replace(reasons, '(?s)''.*?''( is not)', 'a value\\1', 'g')
                    as reason,
                count(*) as rows,
                min_by(file, (file, row)) as file,
                min_by(row, (file, row)) as row
            from read_parquet({files})
            group by source, reason
            order by rows desc, source, reason
            limit {_REASONS_SHOWN}
            """,
        )
