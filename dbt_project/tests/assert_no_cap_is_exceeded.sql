-- What is sent today and the contacts of a cap's window are together at most what the
-- cap allows. Contacts alone may be more: then nothing is sent.
{% set day = as_of_date() %}
with channels as (
    select * from {{ ref('channels') }}
),

sends as (
    select
        customer_id,
        channel
    from {{ ref('journey_touches') }}
    where decision = 'send'
),

policy as (
    select * from {{ ref('contact_policy') }}
),

contacts as (
    select
        contacts.customer_id,
        contacts.channel,
        contacts.sent_date as day,
        0 as sends
    from {{ ref('int_contacts') }} as contacts
    semi join sends on contacts.customer_id = sends.customer_id
    where coalesce(contacts.outcome, '') <> 'failed'
    union all
    select
        customer_id,
        channel,
        {{ day }} as day,
        1 as sends
    from sends
),

named as (
    select
        contacts.*,
        coalesce(channels.counts_as, contacts.channel) as counts_as
    from contacts
    left join channels on contacts.channel = channels.channel
)

select
    named.customer_id,
    policy.scope,
    policy.window_days,
    policy.calendar_unit,
    policy.max_contacts,
    count(*) as contacts
from named
inner join policy on policy.scope in ('global', named.counts_as)
where
    named.day > {{ day }} - policy.window_days
    or (policy.calendar_unit = 'day' and named.day = {{ day }})
    or (
        policy.calendar_unit = 'week'
        and date_trunc('week', named.day) = date_trunc('week', {{ day }})
    )
    or (
        policy.calendar_unit = 'month'
        and date_trunc('month', named.day) = date_trunc('month', {{ day }})
    )
group by
    named.customer_id,
    policy.scope,
    policy.window_days,
    policy.calendar_unit,
    policy.max_contacts
having count(*) > policy.max_contacts and sum(named.sends) > 0
