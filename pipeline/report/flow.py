"""The AIPL flow between any two days, counted from the published stage history.

SQL counts over the marts, reading each once; the rest of this module prints the counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from pipeline.config.settings import Settings
from pipeline.errors import SiyuError, did_you_mean
from pipeline.storage.warehouse import Warehouse

NO_STAGE = "none"
STAGE_LABELS = {
    NO_STAGE: ("No stage", "无阶段"),
    "A": ("Awareness", "认知"),
    "I": ("Interest", "兴趣"),
    "P": ("Purchase", "购买"),
    "L": ("Loyalty", "忠诚"),
}
# The counts in `Movements`, with their labels and meanings.
MOVEMENTS = {
    "stayed": ("留存", "in the same stage on both days"),
    "upgraded": ("升级", "to a higher stage"),
    "downgraded": ("降级", "to a lower stage"),
    "left": ("流失", "out of all stages"),
    "returned": ("回流", "back into a stage, after an earlier stay"),
    "entered": ("新进", "into a stage for the first time"),
    "outside": ("场外", "in no stage on either day"),
}
_SHOWN_VALUES = 30
_NEEDED = ("aipl_stage_history", "dim_customer")


@dataclass(frozen=True)
class Dimension:
    """A dimension for ``--by``: the SQL of its value, and the mart that holds it."""

    value: str
    mart: str = "dim_customer"


DIMENSIONS = {
    "channel": Dimension("dim_customer.acquisition_channel"),
    "campaign": Dimension("dim_customer.acquisition_campaign_id"),
    "persona": Dimension("dim_customer.persona"),
    "region": Dimension("dim_customer.region"),
    "city_tier": Dimension("dim_customer.city_tier"),
    "gender": Dimension("dim_customer.gender"),
    "household": Dimension("dim_customer.household"),
    "occupation": Dimension("dim_customer.occupation"),
    "role": Dimension("dim_customer.role"),
    "member": Dimension("if(dim_customer.is_member, 'yes', 'no')"),
    "wecom": Dimension("if(dim_customer.wecom_bound, 'yes', 'no')"),
    "rfm_segment": Dimension("rfm_scores.rfm_segment", "rfm_scores"),
    "value_tier": Dimension("rfm_scores.value_tier", "rfm_scores"),
    "crowd": Dimension("crowd_membership.crowd", "crowd_membership"),
}


@dataclass(frozen=True)
class Movements:
    """How the customers with one value of a dimension moved between two days.

    ``from_size`` and ``to_size`` count customers in any stage on the two days.
    """

    value: str | None
    customers: int
    from_size: int
    to_size: int
    stayed: int
    upgraded: int
    downgraded: int
    left: int
    returned: int
    entered: int
    outside: int


# One row per customer known on d1, or per customer and crowd. Stays do not overlap, so
# `max` picks the only one of a day.
_CUSTOMERS = """
with stays as (
    select
        customer_id,
        max(stage) filter (
            where valid_from <= $d0 and (valid_to is null or $d0 < valid_to)
        ) as from_stage,
        max(stage) filter (where valid_to is null or $d1 < valid_to) as to_stage,
        bool_or(valid_from <= $d0) as has_earlier_stay,
    from marts.aipl_stage_history
    where valid_from <= $d1
    group by customer_id
),

seen as (
    select
        dim_customer.customer_id,
        {value} as value,
        cast(
            timezone($timezone, timezone('UTC', dim_customer.first_seen_at)) as date
        ) as seen_on,
    from marts.dim_customer
    {join}
),

customers as (
    select
        seen.value,
        case
            when seen.seen_on > $d0 then 'none'
            else coalesce(stays.from_stage, 'none')
        end as from_stage,
        coalesce(stays.to_stage, 'none') as to_stage,
        coalesce(stays.has_earlier_stay, false) as has_earlier_stay,
    from seen
    left join stays on seen.customer_id = stays.customer_id
    where seen.seen_on is null or seen.seen_on <= $d1
)
"""
_FLOW = """
select from_stage, to_stage, count(*)
from customers
group by from_stage, to_stage
"""
_MOVEMENTS = """,

moved as (
    select
        value,
        from_stage,
        to_stage,
        case
            when from_stage = 'none' and to_stage = 'none' then 'outside'
            when from_stage = 'none' and has_earlier_stay then 'returned'
            when from_stage = 'none' then 'entered'
            when to_stage = 'none' then 'left'
            when from_stage = to_stage then 'stayed'
            when strpos('AIPL', from_stage) < strpos('AIPL', to_stage) then 'upgraded'
            else 'downgraded'
        end as movement,
    from customers
)

select
    value,
    count(*) as customers,
    count(*) filter (where from_stage != 'none') as from_size,
    count(*) filter (where to_stage != 'none') as to_size,
    count(*) filter (where movement = 'stayed') as stayed,
    count(*) filter (where movement = 'upgraded') as upgraded,
    count(*) filter (where movement = 'downgraded') as downgraded,
    count(*) filter (where movement = 'left') as "left",
    count(*) filter (where movement = 'returned') as returned,
    count(*) filter (where movement = 'entered') as entered,
    count(*) filter (where movement = 'outside') as outside,
from moved
group by value
order by customers desc, value nulls last
"""


def flow_between(
    connection: duckdb.DuckDBPyConnection, timezone: str, d0: date, d1: date
) -> dict[tuple[str, str], int]:
    """Return how many customers were in one stage on ``d0`` and in another on ``d1``.

    All 25 pairs are there. Customers known on ``d1`` count; those not yet known on
    ``d0`` are in stage ``none`` then. Days are those of ``timezone``.
    """
    query = _customers(None) + _FLOW
    rows = connection.execute(query, _parameters(timezone, d0, d1)).fetchall()
    flow = {(before, after): 0 for before in STAGE_LABELS for after in STAGE_LABELS}
    return flow | {(before, after): customers for before, after, customers in rows}


def movements_between(
    connection: duckdb.DuckDBPyConnection,
    timezone: str,
    d0: date,
    d1: date,
    by: str | None = None,
) -> list[Movements]:
    """Return how customers moved, for each value of the dimension ``by``.

    The largest value is first. Without ``by`` there is one row for all customers, or no
    row if no customer was known. A customer counts in each of their crowds.
    """
    query = _customers(by) + _MOVEMENTS
    rows = connection.execute(query, _parameters(timezone, d0, d1)).fetchall()
    return [Movements(*row) for row in rows]


def _customers(by: str | None) -> str:
    """The common part of the queries, with the value of the dimension."""
    dimension = DIMENSIONS[by] if by else Dimension("null")
    if dimension.mart == "dim_customer":
        return _CUSTOMERS.format(value=dimension.value, join="")
    key = f"dim_customer.customer_id = {dimension.mart}.customer_id"
    join = f"left join marts.{dimension.mart} on {key}"
    return _CUSTOMERS.format(value=dimension.value, join=join)


def _parameters(timezone: str, d0: date, d1: date) -> dict[str, str | date]:
    return {"timezone": timezone, "d0": d0, "d1": d1}


def print_flow(
    console: Console, settings: Settings, d0: date, d1: date, by: str | None = None
) -> None:
    """Show the flow from ``d0`` to ``d1``: stage by stage, or by a dimension's values.

    Raises ``SiyuError`` if nothing is published, if the published marts do not cover
    the request, or if the days are not in order.
    """
    _check_question(d0, d1, by)
    warehouse = Warehouse(settings.warehouse)
    if not warehouse.database.exists():
        raise SiyuError("nothing has been published yet; run `siyu run` first")
    timezone = settings.shop.timezone
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        as_of = _check_marts(connection, d1, by)
        rows = movements_between(connection, timezone, d0, d1, by)
        flow = flow_between(connection, timezone, d0, d1) if by is None else {}
    title = f"AIPL flow 流转 · {settings.shop.name} · {d0} → {d1}"
    console.rule(escape(title), align="left")
    if not rows:
        console.print(f"No customer was known on {d1}.")
    elif by is None:
        _print_matrix(console, flow, d0, d1)
        _print_movements(console, rows[0])
        _print_who_counts(console, d0, d1)
    else:
        _print_values(console, rows, by, d0, d1)
        _print_who_counts(console, d0, d1)
        _print_value_notes(console, by, as_of, len(rows) - _SHOWN_VALUES)


def _check_question(d0: date, d1: date, by: str | None) -> None:
    if by is not None and by not in DIMENSIONS:
        raise SiyuError(
            f"--by: there is no dimension '{by}'.{did_you_mean(by, DIMENSIONS)} "
            f"Dimensions are {', '.join(DIMENSIONS)}."
        )
    if d0 >= d1:
        raise SiyuError(f"--from {d0} must be before --to {d1}")


def _check_marts(
    connection: duckdb.DuckDBPyConnection, d1: date, by: str | None
) -> date:
    """Return the as-of date of the marts, after checking that they have the tables."""
    tables = connection.execute(
        "select table_name, as_of_date from marts.published"
    ).fetchall()
    published: dict[str, date] = dict(tables)
    needed = (*_NEEDED, DIMENSIONS[by].mart) if by else _NEEDED
    missing = [mart for mart in needed if mart not in published]
    if missing:
        asked = f"--by {by}" if missing[0] not in _NEEDED else "the flow"
        raise SiyuError(
            f"{asked} needs the table marts.{missing[0]}, which is not published; "
            "`siyu run` publishes all tables of this version"
        )
    as_of = published[needed[0]]
    if d1 > as_of:
        raise SiyuError(
            f"--to {d1} is after {as_of}, the as-of date of the published marts; "
            "choose a day up to that one"
        )
    return as_of


def _stage(stage: str, separator: str = " ") -> str:
    return separator.join((stage, *STAGE_LABELS[stage]))


def _print_matrix(
    console: Console, flow: dict[tuple[str, str], int], d0: date, d1: date
) -> None:
    """A row for each stage on the first day, a column for each on the last day."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(f"{d0} ↓\n{d1} →", min_width=12)
    for stage in STAGE_LABELS:
        _add_number(table, _stage(stage, "\n"))
    _add_number(table, "total\n合计")
    for before in STAGE_LABELS:
        cells = [flow[before, after] for after in STAGE_LABELS]
        table.add_row(_stage(before), *map(_number, cells), f"[bold]{sum(cells):,}[/]")
    sums = [
        sum(flow[before, after] for before in STAGE_LABELS) for after in STAGE_LABELS
    ]
    table.add_row("total 合计", *map(_number, [*sums, sum(sums)]), style="bold")
    console.print(table)
    console.print()


def _print_movements(console: Console, all_customers: Movements) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("movement 变动", no_wrap=True)
    for name in ("customers 客户", "share 占比"):
        _add_number(table, name)
    table.add_column("")
    for name, (label, meaning) in MOVEMENTS.items():
        moved: int = getattr(all_customers, name)
        table.add_row(
            f"{name} {label}",
            _number(moved),
            f"{moved / all_customers.customers:.1%}",
            f"[dim]{meaning}[/]",
        )
    console.print(table)
    console.print()


def _print_values(
    console: Console, rows: list[Movements], by: str, d0: date, d1: date
) -> None:
    """One table, or on a narrow terminal one of sizes and one of movements."""
    sizes = {
        "customers": "customers\n客户",
        "from_size": f"in a stage\n有阶段\n{d0}",
        "to_size": f"in a stage\n有阶段\n{d1}",
    }
    moves = {name: f"{name}\n{label}" for name, (label, _) in MOVEMENTS.items()}
    table = _value_table(rows, by, sizes | moves)
    unbounded = console.options.update(max_width=10_000)
    if Measurement.get(console, unbounded, table).maximum <= console.width:
        tables = [table]
    else:
        tables = [_value_table(rows, by, names) for names in (sizes, moves)]
        for table in tables:
            table.collapse_padding = True
    for table in tables:
        console.print(table)
        console.print()


def _value_table(rows: list[Movements], by: str, names: dict[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(by, min_width=8, overflow="fold")
    for name in names.values():
        _add_number(table, name)
    for row in rows[:_SHOWN_VALUES]:
        _add_values(table, "–" if row.value is None else escape(row.value), row, names)
    rest = rows[_SHOWN_VALUES:]
    if rest:
        _add_values(table, f"[dim]{len(rest):,} others 其他[/]", _sum(rest), names)
    return table


def _add_values(
    table: Table, label: str, row: Movements, names: dict[str, str]
) -> None:
    table.add_row(label, *(_number(getattr(row, name)) for name in names))


def _sum(rows: Sequence[Movements]) -> Movements:
    counts = zip(*(astuple(row)[1:] for row in rows), strict=True)
    return Movements(None, *map(sum, counts))


def _add_number(table: Table, header: str) -> None:
    table.add_column(header, justify="right", no_wrap=True)


def _number(count: int) -> str:
    return f"{count:,}" if count else "[dim]0[/]"


def _print_who_counts(console: Console, d0: date, d1: date) -> None:
    console.print(
        f"The table counts customers known on {d1}; those not yet known on {d0} are "
        "in no stage then."
    )


def _print_value_notes(console: Console, by: str, as_of: date, hidden: int) -> None:
    console.print(f"The {by} of a customer is that of {as_of}; – stands for no value.")
    if hidden > 0:
        console.print(f"The {hidden:,} smallest values are summed up as others.")
    if by == "crowd":
        console.print(
            "A customer counts in each of their crowds, so the rows together may be "
            "more than the customers."
        )
