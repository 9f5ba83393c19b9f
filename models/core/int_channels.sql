-- grain: one row per name of a channel
{{ config(materialized='view') }}
with channels as (
    select * from {{ ref('channels') }}
),

resolved as (
    select
        channel,
        coalesce(counts_as, channel) as counts_as,
        coalesce(consent_channel, channel) as consent_channel,
        needs_consent,
        reached_by,
        complaint_days
    from channels
)

select * from resolved
