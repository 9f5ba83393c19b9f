-- grain: one row per customer with a touch in their window, scope of caps and contact
with due as (
    select distinct customer_id from {{ ref('int_journey_due') }}
),

contacts as (
    select * from {{ ref('int_contacts') }}
),

channels as (
    select * from {{ ref('int_channels') }}
),

caps as (
    select
        scope,
        min(counts_from) as counts_from
    from {{ ref('int_frequency_caps') }}
    group by scope
),

counted as (
    select
        contacts.customer_id,
        coalesce(channels.counts_as, contacts.channel) as scope,
        contacts.channel,
        contacts.sent_at,
        contacts.sent_date
    from contacts
    semi join due on contacts.customer_id = due.customer_id
    left join channels on contacts.channel = channels.channel
    where
        contacts.sent_date >= (select min(caps.counts_from) from caps)
        and coalesce(contacts.outcome, 'sent') <> 'failed'
),

scoped as (
    select * from counted
    union all
    select
        customer_id,
        'global' as scope,
        channel,
        sent_at,
        sent_date
    from counted
),

ranked as (
    select
        scoped.customer_id,
        scoped.scope,
        scoped.sent_date,
        cast(
            row_number() over (
                partition by scoped.customer_id, scoped.scope
                order by
                    scoped.sent_date desc, scoped.sent_at desc, scoped.channel asc
            ) as int
        ) as recency_rank
    from scoped
    inner join caps on scoped.scope = caps.scope
    where scoped.sent_date >= caps.counts_from
)

select * from ranked
