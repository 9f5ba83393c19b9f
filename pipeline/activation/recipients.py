"""The recipients of a destination, from the published marts.

``find_recipients`` leaves a table ``recipients`` in the connection, with a row for each
customer of an audience or for each touch. Its ``member`` is how the destination knows
the recipient: by the identifiers that are sent, as JSON, else by the customer id.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from pipeline.activation.identifiers import in_form
from pipeline.activation.published_marts import PublishedMarts
from pipeline.config.destination import Destination, Touches
from pipeline.errors import SiyuError, did_you_mean
from pipeline.storage.quoting import quote_text


def find_recipients(published: PublishedMarts, destination: Destination) -> None:
    """Make the table ``recipients``; without an identifier, ``member`` is null.

    Raises ``SiyuError`` for an unknown audience.
    """
    if destination.touches:
        recipients = _touches(destination.touches)
    else:
        recipients = _members(selected_audiences(published, destination))
    published.connection.execute(
        f"create or replace temp table recipients as {recipients}"
    )
    _prepare_identifiers(published, destination)


def selected_audiences(
    published: PublishedMarts, destination: Destination
) -> list[str]:
    """The audiences that the names and patterns of a destination mean.

    Raises ``SiyuError`` for the name of an unknown audience.
    """
    rows = published.connection.execute(
        "select audience from siyu.marts.dim_audience order by audience"
    ).fetchall()
    known = [name for (name,) in rows]
    for name in destination.audiences:
        if not any(sign in name for sign in "*?[") and name not in known:
            raise SiyuError(
                f"destinations: {destination.name}: there is no audience '{name}'."
                f"{did_you_mean(name, known)}"
            )
    return [
        name
        for name in known
        if any(fnmatchcase(name, pattern) for pattern in destination.audiences)
    ]


def _members(audiences: list[str]) -> str:
    """The members of enabled audiences, without those held out."""
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


def _prepare_identifiers(published: PublishedMarts, destination: Destination) -> None:
    """Set ``member`` of each recipient; it stays null where there is no identifier."""
    run = published.connection.execute
    kinds = destination.id_types
    if not kinds:
        run("update recipients set member = customer_id")
        return
    if not published.identifiers.exists():
        raise SiyuError(
            f"destinations: {destination.name}: the published version has no "
            "identifiers; run the pipeline again"
        )
    file = quote_text(str(published.identifiers))
    # Of several of one kind, the first valid one.
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
        "and customer_id in (select customer_id from recipients)), "
        f"listed as (select customer_id, [{values}] as ids from formed group by 1) "
        f"select customer_id, json_object({pairs})::varchar as member from listed "
        "where len(list_filter(ids, lambda id: id is not null)) > 0"
    )
    run(
        "update recipients set member = known.member from known "
        "where recipients.customer_id = known.customer_id"
    )
