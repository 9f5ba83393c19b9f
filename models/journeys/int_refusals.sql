-- grain: one row per customer with a touch in their window, kind and channel of refusal
with due as (
    select distinct customer_id from {{ ref('int_journey_due') }}
),

interactions as (
    select * from {{ ref('fct_interactions') }}
),

channels as (
    select * from {{ ref('int_channels') }}
),

events as (
    select *
    from interactions
    where event_type in ('unsubscribe', 'complaint')
),

-- A complaint is about being written to at all, and so is unsubscribing where nobody
-- can tell from what.
scoped as (
    select
        events.customer_id,
        events.event_type,
        case
            when events.event_type = 'unsubscribe'
                then coalesce(channels.consent_channel, 'global')
            else 'global'
        end as scope,
        events.occurred_at,
        events.event_date
    from events
    semi join due on events.customer_id = due.customer_id
    left join channels on events.channel = channels.channel
),

refusals as (
    select
        customer_id,
        event_type,
        scope,
        max(occurred_at) as refused_at,
        max(event_date) as refused_on
    from scoped
    group by customer_id, event_type, scope
)

select * from refusals
