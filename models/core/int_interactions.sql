-- grain: one row per event_id, its latest version; of any day
{% set content = [
    'customer_id', 'event_type', 'occurred_at', 'channel', 'campaign_id', 'content_id',
    'product_id', 'persona', 'scene', 'referred_customer_id', 'value',
] %}
with interactions as (
    select * from {{ ref('stg_interactions') }}
),

{% if is_incremental() %}
    earlier as (
        select built.*
        from {{ this }} as built
        semi join interactions on built.event_id = interactions.event_id
    ),

    -- Who sends the same content again moves nobody: only the version is noted.
    compared as (
        select
            interactions.*,
            earlier.build_no as earlier_build_no,
            earlier.customer_id as earlier_customer_id,
            earlier.event_date as earlier_event_date,
            (
                earlier.event_id is null
                {% for column in content %}
                    or (interactions.{{ column }} is distinct from earlier.{{ column }})
                {% endfor %}
            ) as is_changed
        from interactions
        left join earlier on interactions.event_id = earlier.event_id
        where
            earlier.event_id is null
            or (interactions.file_order, interactions.source_row, interactions.load_id)
            > (earlier.file_order, earlier.source_row, earlier.load_id)
    ),
{% else %}
    compared as (
        select
            *,
            cast(null as int) as earlier_build_no,
            cast(null as string) as earlier_customer_id,
            cast(null as date) as earlier_event_date,
            true as is_changed
        from interactions
    ),
{% endif %}

numbered as (
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
        value,
        file_order,
        source_row,
        load_id,
        case when is_changed then {{ build_no() }} else earlier_build_no end
            as build_no,
        case when is_changed then earlier_customer_id end as earlier_customer_id,
        case when is_changed then earlier_event_date end as earlier_event_date
    from compared
)

select * from numbered
