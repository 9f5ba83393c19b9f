-- grain: one row per event_id, its latest version in the loads to read; of any day
{% set columns = [
    'event_id', 'customer_id', 'event_type', 'occurred_at', 'channel', 'campaign_id',
    'content_id', 'product_id', 'persona', 'scene', 'referred_customer_id', 'value',
] %}
with versions as (
    {{ latest_versions(
        'interactions', key=['event_id'], columns=columns, new_only=true
    ) }}
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
        value,
        file_order,
        source_row,
        load_id
    from versions
)

select * from dated
