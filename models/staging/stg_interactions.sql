-- grain: one row per event_id, its latest version
{% set columns = [
    'event_id', 'customer_id', 'event_type', 'occurred_at', 'channel', 'campaign_id',
    'content_id', 'product_id', 'persona', 'scene', 'referred_customer_id', 'value',
] %}
with versions as (
    {{ latest_versions('interactions', key=['event_id'], columns=columns) }}
),

dated as (
    select
        event_id,
        customer_id,
        event_type,
        occurred_at,
        {{ local_date('occurred_at') }} as event_date,
        channel,
        campaign_id,
        content_id,
        product_id,
        persona,
        scene,
        referred_customer_id,
        value
    from versions
),

known as (
    select *
    from dated
    where event_date <= {{ as_of_date() }}
)

select * from known
