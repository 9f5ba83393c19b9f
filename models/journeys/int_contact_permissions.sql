-- grain: one row per customer and channel of a touch in its window
with due as (
    select distinct
        customer_id,
        channel
    from {{ ref('int_journey_due') }}
),

channels as (
    select * from {{ ref('int_channels') }}
),

consents as (
    select * from {{ ref('stg_consents') }}
),

refusals as (
    select *
    from {{ ref('fct_interactions') }}
    where event_type in ('unsubscribe', 'complaint')
),

customers as (
    select * from {{ ref('dim_customer') }}
),

-- That there is a phone or an e-mail is said here, never which.
identifiers as (
    select distinct
        customer_id,
        id_type
    from {{ ref('int_customer_identifiers') }}
),

touches as (
    select
        due.customer_id,
        due.channel,
        channels.channel is not null as is_known,
        channels.consent_channel,
        channels.needs_consent,
        channels.reached_by,
        channels.complaint_days
    from due
    left join channels on due.channel = channels.channel
),

-- Given and withdrawn at one moment is withdrawn.
consented as (
    select
        touches.customer_id,
        touches.channel,
        max_by(consents.granted, (consents.changed_at, not consents.granted))
            as is_granted,
        max(consents.changed_at) as changed_at,
        max(consents.changed_date) as changed_on
    from touches
    inner join consents on touches.customer_id = consents.customer_id
    left join channels on consents.channel = channels.channel
    where
        touches.consent_channel
        = coalesce(channels.consent_channel, consents.channel)
    group by touches.customer_id, touches.channel
),

-- A complaint is about being written to at all, and so is unsubscribing where nobody
-- can tell from what.
refused as (
    select
        touches.customer_id,
        touches.channel,
        max(case when refusals.event_type = 'unsubscribe' then refusals.occurred_at end)
            as unsubscribed_at,
        max(case when refusals.event_type = 'unsubscribe' then refusals.event_date end)
            as unsubscribed_on,
        max(
            case
                when
                    refusals.event_type = 'complaint'
                    and refusals.event_date
                    > {{ as_of_date() }} - touches.complaint_days
                    then refusals.event_date
            end
        ) as complained_on
    from touches
    inner join refusals on touches.customer_id = refusals.customer_id
    left join channels on refusals.channel = channels.channel
    where
        refusals.event_type = 'complaint'
        or channels.consent_channel is null
        or channels.consent_channel = touches.consent_channel
    group by touches.customer_id, touches.channel
),

-- Consent that is given after unsubscribing takes that back.
permissions as (
    select
        touches.customer_id,
        touches.channel,
        touches.is_known,
        coalesce(consented.is_granted, not touches.needs_consent, false)
            as is_permitted,
        case when not consented.is_granted then consented.changed_on end
            as withdrawn_on,
        case
            when
                consented.is_granted
                and consented.changed_at > refused.unsubscribed_at
                then cast(null as date)
            else refused.unsubscribed_on
        end as unsubscribed_on,
        refused.complained_on,
        touches.reached_by,
        case touches.reached_by
            when 'none' then true
            when 'wecom_bound' then coalesce(customers.wecom_bound, false)
            else identifiers.id_type is not null
        end as is_reachable
    from touches
    left join consented
        on
            touches.customer_id = consented.customer_id
            and touches.channel = consented.channel
    left join refused
        on
            touches.customer_id = refused.customer_id
            and touches.channel = refused.channel
    left join customers on touches.customer_id = customers.customer_id
    left join identifiers
        on
            touches.customer_id = identifiers.customer_id
            and touches.reached_by = identifiers.id_type
)

select * from permissions
