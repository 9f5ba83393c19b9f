"""The extracts of what customers do: app events as jsonl, WeCom events as Parquet.

App events have ids and times in epoch milliseconds; the next month's file repeats the
last hour of a month. WeCom events have neither ids nor a timezone, their times are UTC;
the next month's file repeats the last day.
"""

from __future__ import annotations

from pathlib import Path

from demo_shop.dirt import BOUNDS, MISSING, BadRow, JsonDamage
from demo_shop.extracts import NEW, REPEAT, Extract, count_kinds, monthly
from demo_shop.files import FileFacts, TextForm
from demo_shop.season import DAY, HOUR
from demo_shop.store import Store

# The WeCom file with an event without a type.
_WITHOUT_TYPE = 4


def _placed(store: Store, name: str, chosen: str, overlap: int) -> None:
    """Create the view of events by the month's file that holds them."""
    store.run(f"""
        create view {name} as
        with chosen as (select * from events where {chosen})
        select *, month as file_no, '{NEW}' as kind from chosen
        union all
        select chosen.*, month + 1, '{REPEAT}' from chosen join months using (month)
        where happened_at >= ends_at - {overlap}
            and month < (select max(month) from months)
    """)


def app_extract(store: Store) -> Extract:
    """Return the extract of app and mini-program events."""
    _placed(store, "app_events", "not from_wecom", HOUR)
    pairs = {
        "event_id": "'\"ev' || lpad(event_no::varchar, 10, '0') || '\"'",
        "ts": "((happened_at - 28800) * 1000 + event_no * 37 % 1000)::varchar",
        "uid": "json(customer_id(customer_no))",
        "event": "json(type)",
        "channel": "json(channel)",
        "campaign": "json(campaign)",
        "content": "json(content)",
        "sku": "json(product)",
        "scene": "json(scene)",
        "invitee": "json(customer_id(referred_no))",
        "value": "coalesce(value::varchar, 'null')",
    }
    body = ", ',', ".join(f"'\"{key}\":', {value}" for key, value in pairs.items())
    return Extract(
        source="app",
        entity="interactions",
        table="app_events",
        line=f"concat('{{', {body}, '}}')",
        order="happened_at, event_no",
        paths=monthly("data/app/events_{}.jsonl"),
        form=TextForm(),
        damage=JsonDamage({MISSING: "event", BOUNDS: "ts"}, truncated=frozenset({10})),
    )


def write_wecom(store: Store, out: Path) -> list[FileFacts]:
    """Write the WeCom events and return what the files hold."""
    _placed(store, "wecom_events", "from_wecom", DAY)
    paths = monthly("data/wecom/events_{}.parquet")
    counts = count_kinds(store, "wecom_events", len(paths))
    facts = []
    for number, path in enumerate(paths):
        fact = FileFacts(path, "wecom", "interactions", counts[number])
        sql = f"""
            select
                customer_id(customer_no) as external_contact,
                type as event,
                at_utc(happened_at) as created_at,
                persona as staff,
                channel,
                campaign,
                content
            from wecom_events
            where file_no = {number}
            order by happened_at, event_no"""
        if number == _WITHOUT_TYPE and fact.rows:
            sql = f"""
                with good as ({sql})
                from good
                union all
                select * replace (null as event) from (from good limit 1)"""
            fact.bad.append(BadRow(fact.rows + 1, MISSING))
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        store.to_parquet(sql, out / path)
        facts.append(fact)
    return facts
