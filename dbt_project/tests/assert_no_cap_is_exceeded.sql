-- What is sent today and the contacts of a cap's window are never more than the cap
-- allows, whatever way they were counted: contacts alone may be, touches add none then.
{% set day = as_of_date() %}
with channels as (
    select * from {{ ref('channels') }}
),

policy as (
    select * from {{ ref('contact_policy') }}
),

contacts as (
    select
        customer_id,
        channel,
        sent_date as day,
        0 as sends
    from {{ ref('int_contacts') }}
    where coalesce(outcome, '') <> 'failed'
    union all
    select
        customer_id,
        channel,
        {{ day }} as day,
        1 as sends
    from {{ ref('journey_touches') }}
    where decision = 'send'
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
