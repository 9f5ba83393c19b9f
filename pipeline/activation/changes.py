"""What a destination should have against what it has received, in SQL.

``find_changes`` leaves a table ``changes`` in the connection: a row for everybody whom
the destination should have or has, with ``change`` add, update, remove or same. The
published marts are attached as ``siyu``.

A member of an audience is whom the destination knows: the identifiers that are sent, as
JSON, else the customer. So a new phone number is the old one removed and the new one
added, and two customers with one number are one member. A removed member leaves by the
identifiers that were sent, which the marts may no longer have.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import duckdb

from pipeline.activation.destination import Destination, Touches
from pipeline.activation.identifiers import in_form
from pipeline.errors import SiyuError, near
from pipeline.ingest.expressions import quote_name, quote_text

MARTS = {
    "customer": "customer_360",
    "audience": "audience_members",
    "touch": "journey_touches",
}
_ALIASES = {"customer": "c", "audience": "m", "touch": "t"}
_OF_DIM_AUDIENCE = {
    "play",
    "channel",
    "label_en",
    "label_zh",
    "is_enabled",
    "members",
    "held_out",
}
_NO_PAYLOAD = ("change", "as_of_date", "delivery")


@dataclass(frozen=True)
class Published:
    """The version to export: its marts are attached, its identifiers are in a file."""

    connection: duckdb.DuckDBPyConnection
    identifiers: Path
    country: str

    def has(self, mart: str) -> bool:
        """Whether the version has this mart."""
        return bool(self.columns(mart))

    def columns(self, mart: str) -> list[str]:
        """The columns of a mart, none if there is no such mart."""
        rows = self.connection.execute(
            "select column_name from duckdb_columns() where database_name = 'siyu' "
            "and schema_name = 'marts' and table_name = ?",
            [mart],
        ).fetchall()
        return [name for (name,) in rows]


def taken_audiences(published: Published, destination: Destination) -> list[str]:
    """The audiences that the names and patterns of a destination mean.

    Raises ``SiyuError`` for a name that is no audience.
    """
    rows = published.connection.execute(
        "select audience from siyu.marts.dim_audience order by audience"
    ).fetchall()
    known = [name for (name,) in rows]
    for name in destination.audiences:
        if not any(sign in name for sign in "*?[") and name not in known:
            raise SiyuError(
                f"destinations: {destination.name}: there is no audience '{name}'."
                f"{near(name, known)}"
            )
    return [
        name
        for name in known
        if any(fnmatchcase(name, pattern) for pattern in destination.audiences)
    ]


def find_changes(
    published: Published, destination: Destination, ledger: str
) -> dict[str, int]:
    """Make the table ``changes``; return how many were left out, by reason.

    ``ledger`` is SQL for what the destination has received. Raises ``SiyuError`` for
    columns that the marts do not have.
    """
    _check_columns(published, destination)
    run = published.connection.execute
    if destination.touches:
        takers = _touches(destination.touches)
    else:
        takers = _members(taken_audiences(published, destination))
    run(f"create or replace temp table takers as {takers}")
    _prepare_identifiers(published, destination)
    run(f"create or replace temp table ledger as {ledger}")
    run(f"create or replace temp table wanted as {_wanted(destination)}")
    difference = _TOUCH_CHANGES if destination.touches else _MEMBER_CHANGES
    run(f"create or replace temp table changes as {difference}")
    if not destination.id_types:
        return {}
    row = run("select count(*) from takers where member is null").fetchone()
    return {"without_identifier": row[0] if row else 0}


def output_query(
    destination: Destination, as_of: str, number: int, unwritten: str
) -> str:
    """SQL for the rows of ``changes`` with the columns of the destination.

    ``number`` is the delivery's. The change ``unwritten`` is left out.

    Besides them it has ``_list``, ``_change`` and ``_order``.
    """
    columns = ", ".join(
        f"{_expression(destination, reference, as_of, number)} as {quote_name(name)}"
        for name, reference in destination.columns.items()
    )
    # A removal comes first: a platform that reads in order ends with the right state.
    return (
        f"select {columns}, base.list as _list, base.change as _change, "
        "row_number() over (order by base.list, base.change <> 'remove', "
        "base.customer_id, base.member, base.touch_id) as _order "
        f"from changes as base {_joins(destination)} "
        f"where base.change <> {quote_text(unwritten)}"
    )


def _check_columns(published: Published, destination: Destination) -> None:
    for name, reference in destination.columns.items():
        mart, dot, column = reference.partition(".")
        if mart not in MARTS or not dot:
            continue
        known = _known_columns(published, mart)
        if column not in known:
            raise SiyuError(
                f"destinations: {destination.name}: columns: {name}: there is no "
                f"column '{column}' in {MARTS[mart]}.{near(column, known)}"
            )


def _known_columns(published: Published, mart: str) -> list[str]:
    more = published.columns("dim_audience") if mart == "audience" else []
    return [*published.columns(MARTS[mart]), *more]


def _members(audiences: list[str]) -> str:
    """Who belongs into the audiences: nobody into disabled ones, no holdouts."""
    listed = ", ".join(quote_text(name) for name in audiences) or "null"
    return (
        "select a.audience, m.customer_id, null::varchar as touch_id, "
        "null::varchar as member, a.audience as list, a.channel "
        "from siyu.marts.audience_members as m "
        "join siyu.marts.dim_audience as a on m.audience = a.audience "
        f"where a.audience in ({listed}) and a.is_enabled and not m.is_held_out"
    )


def _touches(wanted: Touches) -> str:
    """The touches to send that a destination asks for."""
    conditions = ["decision = 'send'"]
    for column, values in (("channel", wanted.channels), ("journey", wanted.journeys)):
        if values:
            listed = ", ".join(quote_text(value) for value in values)
            conditions.append(f"{column} in ({listed})")
    if wanted.has_offer:
        conditions.append("offer_key is not null")
    return (
        "select null::varchar as audience, customer_id, touch_id, "
        "null::varchar as member, journey || '.' || step as list, channel "
        f"from siyu.marts.journey_touches where {' and '.join(conditions)}"
    )


def _prepare_identifiers(published: Published, destination: Destination) -> None:
    """Give each taker its ``member``, which stays null for who has no identifier."""
    run = published.connection.execute
    kinds = destination.id_types
    if not kinds:
        run("update takers set member = customer_id")
        return
    if not published.identifiers.exists():
        raise SiyuError(
            f"destinations: {destination.name}: what is published has no identifiers "
            "beside it; run the pipeline again"
        )
    file = quote_text(str(published.identifiers))
    # Of several of one kind the first that can be one.
    values = ", ".join(
        "min_by(value, id_rank) filter (where value is not null "
        f"and id_type = {quote_text(kind)})"
        for kind in kinds
    )
    forms = " ".join(
        f"when id_type = {quote_text(kind)} then "
        f"{in_form(kind, destination.identifier(kind), published.country)}"
        for kind in kinds
    )
    names = ", ".join(quote_text(kind) for kind in kinds)
    pairs = ", ".join(
        f"{quote_text(kind)}, ids[{place}]" for place, kind in enumerate(kinds, start=1)
    )
    run(
        "create or replace temp table known as "
        f"with formed as (select customer_id, id_type, id_rank, case {forms} end as "
        f"value from read_parquet({file}) where id_type in ({names}) "
        "and customer_id in (select customer_id from takers)), "
        f"listed as (select customer_id, [{values}] as ids from formed group by 1) "
        f"select customer_id, json_object({pairs})::varchar as member from listed "
        "where len(list_filter(ids, lambda id: id is not null)) > 0"
    )
    run(
        "update takers set member = known.member from known "
        "where takers.customer_id = known.customer_id"
    )


def _wanted(destination: Destination) -> str:
    """Who should be there, with a hash of all that is sent of them."""
    payload = ", ".join(
        f"{quote_name(name)} := {_expression(destination, reference)}"
        for name, reference in destination.columns.items()
        if reference not in _NO_PAYLOAD
    )
    hashed = f"sha256(to_json(struct_pack({payload}))::varchar)" if payload else "''"
    # Of several customers who are one member, one stands for it.
    return (
        "with base as (select * from takers where member is not null "
        "qualify row_number() over (partition by audience, touch_id, member "
        f"order by customer_id) = 1) select base.*, {hashed} as payload_hash "
        f"from base {_joins(destination)}"
    )


def _joins(destination: Destination) -> str:
    customers = (
        "left join siyu.marts.customer_360 as c on base.customer_id = c.customer_id "
    )
    if destination.touches:
        return (
            customers
            + "left join siyu.marts.journey_touches as t on base.touch_id = t.touch_id"
        )
    return (
        customers + "left join siyu.marts.dim_audience as a "
        "on base.audience = a.audience "
        "left join siyu.marts.audience_members as m "
        "on base.audience = m.audience and base.customer_id = m.customer_id"
    )


def _expression(
    destination: Destination,
    reference: str,
    as_of: str = "1970-01-01",
    number: int = 0,
) -> str:
    """SQL for what a column of the destination refers to."""
    mart, dot, column = reference.partition(".")
    if reference == "as_of_date":
        return f"date {quote_text(as_of)}"
    if reference == "delivery":
        return f"{number}::bigint"
    if reference in ("label_en", "label_zh"):
        return f"{'t' if destination.touches else 'a'}.{reference}"
    if not dot:
        return f"base.{reference}"
    if mart == "identifier":
        path = quote_text(f'$."{column}"')
        return f"json_extract_string(base.member, {path})"
    name = quote_name(column)
    if mart == "audience" and column in _OF_DIM_AUDIENCE:
        return f"a.{name}"
    return f"{_ALIASES[mart]}.{name}"


_MEMBER_CHANGES = """
with has as (
    select
        audience, member,
        arg_max(customer_id, number) as customer_id,
        arg_max(channel, number) as channel,
        arg_max(payload_hash, number) as payload_hash
    from ledger
    where audience is not null
    group by audience, member
    having arg_max(change, number) <> 'remove'
)
select
    coalesce(w.audience, has.audience) as audience,
    coalesce(w.audience, has.audience) as list,
    coalesce(w.member, has.member) as member,
    coalesce(w.customer_id, has.customer_id) as customer_id,
    null::varchar as touch_id,
    coalesce(w.channel, has.channel) as channel,
    w.payload_hash,
    case
        when has.member is null then 'add'
        when w.member is null then 'remove'
        when w.payload_hash <> has.payload_hash then 'update'
        else 'same'
    end as change
from wanted as w
full join has on w.audience = has.audience and w.member = has.member
"""

_TOUCH_CHANGES = """
select
    w.audience, w.list, w.member, w.customer_id, w.touch_id, w.channel,
    w.payload_hash, 'add' as change
from wanted as w
where w.touch_id not in (select touch_id from ledger where touch_id is not null)
"""
