"""Compare what a destination should have with what it has received, in SQL.

``find_changes`` leaves a table ``changes`` in the connection: a row for each member
that the destination has or should have, with ``change`` add, update, remove or same.
The published marts are attached as ``siyu``.

A destination knows a member of an audience by the identifiers that are sent, as JSON,
else by the customer id. So a new phone number removes the old one and adds the new one,
and two customers with one number are one member. A removal names the identifiers that
were sent, which the marts may no longer have.
"""

from __future__ import annotations

from pipeline.activation.published_marts import PublishedMarts
from pipeline.activation.recipients import find_recipients
from pipeline.config.destination import Destination
from pipeline.errors import SiyuError, did_you_mean
from pipeline.storage.quoting import quote_name, quote_text

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


def find_changes(
    published: PublishedMarts, destination: Destination, ledger: str
) -> dict[str, int]:
    """Make the table ``changes``; return how many were left out, by reason.

    ``ledger`` is SQL for what the destination has received. Raises ``SiyuError`` for
    columns that the marts do not have.
    """
    _check_columns(published, destination)
    run = published.connection.execute
    find_recipients(published, destination)
    run(f"create or replace temp table ledger as {ledger}")
    run(f"create or replace temp table wanted as {_wanted(destination)}")
    difference = _TOUCH_CHANGES if destination.touches else _MEMBER_CHANGES
    run(f"create or replace temp table changes as {difference}")
    if not destination.id_types:
        return {}
    row = run("select count(*) from recipients where member is null").fetchone()
    return {"without_identifier": row[0] if row else 0}


def output_query(
    destination: Destination, as_of: str, number: int, unwritten: str
) -> str:
    """SQL for the rows of ``changes`` with the columns of the destination.

    ``number`` is that of the delivery; rows of the change ``unwritten`` are left out.
    The columns ``_list``, ``_change`` and ``_order`` are added.
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


def _check_columns(published: PublishedMarts, destination: Destination) -> None:
    for name, reference in destination.columns.items():
        mart, dot, column = reference.partition(".")
        if mart not in MARTS or not dot:
            continue
        known = _known_columns(published, mart)
        if column not in known:
            raise SiyuError(
                f"destinations: {destination.name}: columns: {name}: there is no "
                f"column '{column}' in {MARTS[mart]}.{did_you_mean(column, known)}"
            )


def _known_columns(published: PublishedMarts, mart: str) -> list[str]:
    more = published.columns("dim_audience") if mart == "audience" else []
    return [*published.columns(MARTS[mart]), *more]


def _wanted(destination: Destination) -> str:
    """The members that should be there, with a hash of all that is sent about them."""
    payload = ", ".join(
        f"{quote_name(name)} := {_expression(destination, reference)}"
        for name, reference in destination.columns.items()
        if reference not in _NO_PAYLOAD
    )
    hashed = f"sha256(to_json(struct_pack({payload}))::varchar)" if payload else "''"
    # One customer stands for a member that several customers share.
    return (
        "with base as (select * from recipients where member is not null "
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
