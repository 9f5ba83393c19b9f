-- grain: one row per message sent, or given out to be sent and not reported yet
{{ config(materialized='view') }}
with reported as (
    select * from {{ ref('stg_contacts') }}
),

deliveries as (
    select * from {{ ref('stg_deliveries') }}
),

unreported as (
    select deliveries.*
    from deliveries
    anti join reported on deliveries.touch_id = reported.touch_id
),

final as (
    select
        customer_id,
        channel,
        sent_at,
        sent_date,
        touch_id,
        outcome,
        true as is_reported
    from reported
    union all
    select
        customer_id,
        channel,
        {{ local_midnight('delivered_date') }} as sent_at,
        delivered_date as sent_date,
        touch_id,
        cast(null as string) as outcome,
        false as is_reported
    from unreported
)

select * from final
