"""Figures of labels, journeys and the funnel, for the daily report.

SQL counts the customers of each label in the published marts; the names of labels come
from the rule files.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb

from pipeline.config.project import LEDGER_OPENING
from pipeline.report.explain.labels import Labels

Row = dict[str, Any]
NO_LABEL = "none"
_COHORTS = 7
_COHORT_MONTHS = 6
_DECISIONS = {"send": "发送", "defer": "推迟", "suppress": "不发"}


def label_counts(
    connection: duckdb.DuckDBPyConnection, labels: Labels, as_of: date, days: int
) -> dict[str, list[Row]]:
    """Customers of each label, by dimension, with entries and exits in this many days.

    Lifecycle states also have the number who will leave in as many days. A label
    without customers has 0. Labels are in the order of their rules; none comes last.
    """
    found: dict[str, dict[str, Row]] = {}
    first, last = as_of - timedelta(days), as_of + timedelta(days)
    for row in fetch(connection, _LABELS, [first, LEDGER_OPENING, last]):
        found.setdefault(row["dimension"], {})[row["label"]] = row
    return {
        dimension: list(_in_order(labels, dimension, found.get(dimension, {})))
        for dimension in _LABELLED
    }


def _in_order(labels: Labels, dimension: str, found: dict[str, Row]) -> Iterator[Row]:
    """The rows of a dimension with their labels; `found` maps names to rows."""
    names = dict.fromkeys((*labels.names(dimension), *found))
    for name in sorted(names, key=lambda name: name == NO_LABEL):
        en, zh = labels.pair(dimension, name)
        if name == NO_LABEL:
            en, zh = "None of these", "无"
        row = found.get(name, {}) | {"label_en": en or name, "label_zh": zh or ""}
        yield dict.fromkeys(("customers", "share", "came", "went", "changing"), 0) | row


# The marts with one or several labels for each customer, and the label's column.
_LABELLED = {
    "lifecycle_state": ("customer_lifecycle", "state"),
    "behavior_segment": ("behavior_segment", "segment"),
    "identity_tier": ("identity_tier", "tier"),
    "crowd": ("crowd_membership", "crowd"),
}
_NOW = " union all ".join(
    f"select '{dimension}' as dimension, {column} as label, count(*) as customers "
    f"from marts.{mart} group by {column}"
    for dimension, (mart, column) in _LABELLED.items()
)
# If the ledger is shorter than the requested days, leave out its openings.
_LABELS = f"""
with now as ({_NOW}),
changes as (
    select split_part(dimension, ':', 1) as dimension, from_label, to_label
    from marts.segment_ledger
    where changed_on > ? and cause <> ?
),
came as (
    select dimension, to_label as label, count(*) as came from changes group by all
),
went as (
    select dimension, from_label as label, count(*) as went from changes group by all
),
changing as (
    select 'lifecycle_state' as dimension, state as label, count(*) as changing
    from marts.customer_lifecycle
    where next_state_on <= ?
    group by state
)
select
    now.*, coalesce(came, 0) as came, coalesce(went, 0) as went,
    coalesce(changing, 0) as changing,
    customers / (select count(*) from marts.dim_customer) as share
from now
left join came using (dimension, label)
left join went using (dimension, label)
left join changing using (dimension, label)
"""


def journeys_due(connection: duckdb.DuckDBPyConnection) -> Row:
    """Steps that are due, and how many of each decision there are."""
    steps: dict[tuple[Any, ...], Row] = {}
    for row in fetch(connection, _TOUCHES):
        decision, touches = row.pop("decision"), row.pop("touches")
        step = steps.setdefault(tuple(row.values()), row | {"decisions": {}})
        step["decisions"][decision] = touches
    for step in steps.values():
        step["touches"] = sum(step["decisions"].values())
    most = max((step["touches"] for step in steps.values()), default=1)
    return {"steps": list(steps.values()), "most": most, "decisions": _DECISIONS}


_TOUCHES = """
with touches as (
    select
        *, min(due_date - anchor_date) over (partition by journey, step) as first_day
    from marts.journey_touches
)
select
    journey, first_day, step, channel, coalesce(label_en, step) as label_en,
    coalesce(label_zh, '') as label_zh, decision, count(*) as touches
from touches
group by all
order by journey, first_day, step, channel, decision
"""


def chain_links(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The steps of the funnel: how many passed each, and their share."""
    return fetch(connection, _LINKS)


_LINKS = """
select
    links.link_no, links.label_en, links.label_zh, sum(passed) as passed,
    sum(converted) as converted, sum(converted) / nullif(sum(entered), 0) as rate,
    sum(converted) / nullif(max(sum(entered)) over (), 0) as share
from marts.funnel
inner join marts.dim_chain_link as links using (link_no)
group by all
order by links.link_no
"""


def cohorts(connection: duckdb.DuckDBPyConnection, as_of: date) -> Row:
    """The latest cohorts, with the share that bought again month by month."""
    rows = fetch(connection, _RETENTION, [as_of, _COHORTS, as_of, _COHORT_MONTHS])
    listed: dict[date, Row] = {}
    for row in rows:
        cohort = {"customers": row["customers"], "rates": {}}
        listed.setdefault(row["cohort_month"], cohort)["rates"][row["month_no"]] = row[
            "active_rate"
        ]
    return {
        "cohorts": listed,
        "months": list(range(1, _COHORT_MONTHS + 1)),
        "most": max((row["active_rate"] for row in rows), default=0) or 1,
    }


_RETENTION = """
select cohort_month, month_no, customers, active_rate
from marts.cohort_retention
where
    cohort_month >= date_trunc('month', ?::date) - to_months(?)
    and cohort_month < date_trunc('month', ?::date)
    and month_no between 1 and ?
order by cohort_month, month_no
"""


def fetch(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: list[Any] | None = None,
) -> list[Row]:
    """Return the rows of a query as dictionaries by column name."""
    result = connection.execute(query, parameters or [])
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
