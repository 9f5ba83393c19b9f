-- grain: one row per event up to the as-of date, guests included
{{ config(materialized='view') }}
with interactions as (
    select * from {{ ref('int_interactions') }}
),

events as (
    select
        event_id,
        customer_id,
        event_type,
        occurred_at,
        event_date,
        channel,
        campaign_id,
        content_id,
        product_id,
        persona,
        scene,
        referred_customer_id,
        value
    from interactions
    where event_date <= {{ as_of_date() }}
)

select * from events
