"""The extracts of the customer system: members, and what was sent to them.

There is a file of members for each year of joining, the first with Windows line ends,
and another for members whose profile changed later.
"""

from __future__ import annotations

from demo_shop.campaigns import EXPERIMENT
from demo_shop.dirt import BOOLEAN, MISSING, TIME, CsvDamage
from demo_shop.extracts import NEW, REPEAT, UPDATE, Extract, delimited, monthly
from demo_shop.files import TextForm
from demo_shop.season import DAY, day_number, wall
from demo_shop.store import Store

_MEMBER_HEADER = (
    "member_no,joined_at,channel,campaign,gender,birthday,region,city_tier,household,"
    "occupation,role,wecom_at,persona,group_id,mobile,email,skin_type,baby_stage,travel,remark,"
    "updated_at"
)
_PLAIN_PHONE = "'199' || lpad((customer_no * 7919 % 100000000)::varchar, 8, '0')"
# As people type phone numbers.
_PHONE = f"""
case customer_no % 10
    when 0 then '+86 ' || {_PLAIN_PHONE}
    when 1 then regexp_replace({_PLAIN_PHONE}, '(...)(....)(....)', '\\1-\\2-\\3')
    else {_PLAIN_PHONE}
end"""
_EMAIL = "if(customer_no % 3 = 0, 'u' || customer_no || '@example.com', null)"
_JOINED_AT = """
case customer_no % 4
    when 0 then strftime(at_time(registered_at), '%Y-%m-%dT%H:%M:%S') || '+08:00'
    else plain_time(registered_at)
end"""


def member_extract(store: Store) -> Extract:
    """Return the extract of members."""
    second_year = wall(day_number("2025-01-01"))
    store.run(f"""
        create view members_rows as
        with members as (select * from customers where is_member)
        select *, (registered_at >= {second_year})::integer as file_no, '{NEW}' as kind,
            city_tier_before as tier, registered_at as updated_at
        from members
        union all
        select *, 2, '{UPDATE}', city_tier, changed_at
        from members where changed_at is not null
    """)
    fields = (
        "customer_id(customer_no)",
        _JOINED_AT,
        "channel",
        "campaign",
        "gender",
        "date '1970-01-01' + birth_day::integer",
        *("region", "tier", "household", "occupation", "role"),
        "plain_time(wecom_at)",
        "persona",
        "group_id",
        _PHONE,
        _EMAIL,
        *("skin_type", "baby_stage", "travel"),
        "csv(note)",
        "plain_time(updated_at)",
    )
    return Extract(
        source="members",
        entity="members",
        table="members_rows",
        line=delimited(*fields),
        order="registered_at, customer_no",
        paths=(
            "data/crm/members_2024.csv",
            "data/crm/members_2025.csv",
            "data/crm/members_changed_2025-06.csv",
        ),
        form=TextForm(_MEMBER_HEADER),
        forms={0: TextForm(_MEMBER_HEADER, newline="\r\n")},
        damage=CsvDamage({TIME: 5, MISSING: 0}),
    )


def consent_extract(store: Store) -> Extract:
    """Return the extract of consents, which starts with a byte order mark."""
    store.run(
        f"create view consent_rows as select *, 0 as file_no, '{NEW}' as kind "
        "from consents"
    )
    return Extract(
        source="consents",
        entity="consents",
        table="consent_rows",
        line=delimited(
            "customer_id(customer_no)",
            "channel",
            "granted::integer",
            "plain_time(changed_at)",
        ),
        order="changed_at, customer_no, channel, granted",
        paths=("data/crm/consents.csv",),
        form=TextForm("customer_id,channel,granted,changed_at", has_bom=True),
        damage=CsvDamage({BOOLEAN: 2, TIME: 3}),
    )


def identity_extract(store: Store) -> Extract:
    """Return the extract of identities, with every hundredth phone number twice."""
    store.run(f"""
        create view identities as
        select 'phone' as id_type, {_PLAIN_PHONE} as id_value, customer_no
        from customers where is_member
        union all
        select 'openid', 'o' || left(md5('openid' || customer_no), 27), customer_no
        from customers where customer_no % 5 <> 0
        union all
        select
            'external_userid',
            'wm' || left(md5('wecom' || customer_no), 24),
            customer_no
        from customers where wecom_at is not null;
        create view identity_rows as
        select *, 0 as file_no, '{NEW}' as kind from identities
        union all
        select *, 0, '{REPEAT}' from identities
        where id_type = 'phone' and customer_no % 100 = 0
    """)
    return Extract(
        source="identities",
        entity="identities",
        table="identity_rows",
        line=delimited(
            "id_type", "id_value", "customer_id(customer_no)", delimiter="chr(9)"
        ),
        order="customer_no, id_type, kind",
        paths=("data/crm/identities.tsv",),
        form=TextForm("id_type\tid_value\tcustomer_id"),
    )


def contact_extract(store: Store) -> Extract:
    """Return the extract of messages sent; the last day of a month is in two files."""
    store.run(f"""
        create view contact_rows as
        with sent as (
            select contacts.*, month, ends_at, customer_id(customer_no) as customer_id
            from contacts join months on sent_at >= starts_at and sent_at < ends_at
        )
        select *, month as file_no, '{NEW}' as kind from sent
        union all
        select *, month + 1, '{REPEAT}' from sent
        where sent_at >= ends_at - {DAY} and month < (select max(month) from months)
    """)
    return Extract(
        source="contacts",
        entity="contacts",
        table="contact_rows",
        line=delimited(
            "touch_id(campaign, welcome, customer_no)",
            "customer_id",
            "channel",
            "campaign",
            "plain_time(sent_at)",
            "outcome",
        ),
        order="sent_at, customer_no, channel, touch_id(campaign, welcome, customer_no)",
        paths=monthly("data/crm/contacts_{}.csv"),
        form=TextForm("touch_id,customer_id,channel,campaign,sent_at,outcome"),
        damage=CsvDamage({TIME: 4, MISSING: 1}),
    )


def assignment_extract(store: Store) -> Extract:
    """Return the extract of the experiment's arms."""
    control, treated = EXPERIMENT.arms
    store.run(f"""
        create view assignment_rows as
        select *, 0 as file_no, '{NEW}' as kind from arms
        where comparison = '{EXPERIMENT.name}'
    """)
    return Extract(
        source="experiment",
        entity="assignments",
        table="assignment_rows",
        line=delimited(
            "comparison",
            "customer_id(customer_no)",
            f"if(is_treated, '{treated}', '{control}')",
            "plain_time(started_at)",
        ),
        order="customer_no",
        paths=(f"data/crm/experiment_{EXPERIMENT.name}.csv",),
        form=TextForm("experiment,customer_id,arm,assigned_at"),
    )
