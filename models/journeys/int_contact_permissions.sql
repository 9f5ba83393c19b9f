-- grain: one row per customer and channel of a touch in its window
with touches as (
    select distinct
        customer_id,
        channel
    from {{ ref('int_journey_due') }}
),

channels as (
    select * from {{ ref('int_channels') }}
),

consents as (
    select * from {{ ref('int_current_consents') }}
),

refusals as (
    select * from {{ ref('int_refusals') }}
),

reach as (
    select * from {{ ref('int_customer_reach') }}
),

due as (
    select
        touches.customer_id,
        touches.channel,
        channels.channel is not null as is_known,
        channels.consent_channel,
        channels.needs_consent,
        channels.reached_by,
        channels.complaint_days
    from touches
    left join channels on touches.channel = channels.channel
),

refused as (
    select
        due.customer_id,
        due.channel,
        max(case when refusals.event_type = 'unsubscribe' then refusals.refused_at end)
            as unsubscribed_at,
        max(case when refusals.event_type = 'unsubscribe' then refusals.refused_on end)
            as unsubscribed_on,
        max(
            case
                when
                    refusals.event_type = 'complaint'
                    and refusals.refused_on > {{ as_of_date() }} - due.complaint_days
                    then refusals.refused_on
            end
        ) as complained_on
    from due
    inner join refusals
        on
            due.customer_id = refusals.customer_id
            and refusals.scope in ('global', due.consent_channel)
    group by due.customer_id, due.channel
),

-- Consent that is given after unsubscribing takes that back.
permissions as (
    select
        due.customer_id,
        due.channel,
        due.is_known,
        coalesce(consents.is_granted, not due.needs_consent, false) as is_permitted,
        case when not consents.is_granted then consents.changed_on end as withdrawn_on,
        case
            when consents.is_granted and consents.changed_at > refused.unsubscribed_at
                then cast(null as date)
            else refused.unsubscribed_on
        end as unsubscribed_on,
        refused.complained_on,
        due.reached_by,
        reach.customer_id is not null as is_reachable
    from due
    left join consents
        on
            due.customer_id = consents.customer_id
            and due.consent_channel = consents.consent_channel
    left join refused
        on
            due.customer_id = refused.customer_id
            and due.channel = refused.channel
    left join reach
        on
            due.customer_id = reach.customer_id
            and due.reached_by = reach.reached_by
)

select * from permissions
