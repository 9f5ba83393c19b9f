-- A touch that is sent has consent: given where the channel needs it, withdrawn on none
-- since, or at the same moment. Nobody is written in WeCom who is not there.
with sends as (
    select
        touches.touch_id,
        touches.customer_id,
        touches.channel,
        channels.needs_consent,
        channels.reached_by,
        coalesce(channels.consent_channel, channels.channel) as consent_channel
    from {{ ref('journey_touches') }} as touches
    left join {{ ref('channels') }} as channels on touches.channel = channels.channel
    where touches.decision = 'send'
),

customers as (
    select * from {{ ref('dim_customer') }}
),

consents as (
    select
        consents.customer_id,
        coalesce(channels.consent_channel, consents.channel) as consent_channel,
        consents.granted,
        consents.changed_at
    from {{ ref('stg_consents') }} as consents
    left join {{ ref('channels') }} as channels on consents.channel = channels.channel
),

latest as (
    select
        sends.touch_id,
        max(case when consents.granted then consents.changed_at end) as granted_at,
        max(case when not consents.granted then consents.changed_at end)
            as withdrawn_at
    from sends
    inner join consents
        on
            sends.customer_id = consents.customer_id
            and sends.consent_channel = consents.consent_channel
    group by sends.touch_id
)

select
    sends.touch_id,
    sends.channel,
    latest.granted_at,
    latest.withdrawn_at
from sends
left join latest on sends.touch_id = latest.touch_id
left join customers on sends.customer_id = customers.customer_id
where
    sends.needs_consent is null
    or (sends.needs_consent and latest.granted_at is null)
    or (latest.withdrawn_at is not null and latest.granted_at is null)
    or latest.withdrawn_at >= latest.granted_at
    or (sends.reached_by = 'wecom_bound' and not customers.wecom_bound)
