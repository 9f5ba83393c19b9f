-- grain: one row per customer with a touch in their window and channel of consent
with due as (
    select distinct customer_id from {{ ref('int_journey_due') }}
),

consents as (
    select * from {{ ref('stg_consents') }}
),

channels as (
    select * from {{ ref('int_channels') }}
),

-- Given and withdrawn at one moment is withdrawn.
latest as (
    select
        consents.customer_id,
        coalesce(channels.consent_channel, consents.channel) as consent_channel,
        max_by(consents.granted, (consents.changed_at, not consents.granted))
            as is_granted,
        max(consents.changed_at) as changed_at,
        max(consents.changed_date) as changed_on
    from consents
    semi join due on consents.customer_id = due.customer_id
    left join channels on consents.channel = channels.channel
    group by
        consents.customer_id,
        coalesce(channels.consent_channel, consents.channel)
)

select * from latest
