-- grain: one row per customer, dimension and period in which one rule decides the label
{{ config(materialized='view') }}
with stages as (
    select * from {{ ref('int_aipl_stage_periods') }}
),

segments as (
    select * from {{ ref('int_rfm_periods') }}
),

history as (
    select
        customer_id,
        'aipl_stage' as dimension,
        stage as label,
        cast(null as string) as rule_id,
        cause,
        valid_from,
        valid_to,
        valid_from as label_since,
        valid_to as label_until,
        previous_stage as previous_label
    from stages
    union all
    select
        customer_id,
        'rfm_segment' as dimension,
        label,
        cast(null as string) as rule_id,
        cause,
        valid_from,
        valid_to,
        valid_from as label_since,
        valid_to as label_until,
        previous_label
    from segments
    {% for periods in [
        ref('int_lifecycle_periods'), ref('int_segment_periods'),
        ref('int_play_periods'), ref('int_audience_periods')
    ] %}
        union all
        select
            customer_id,
            dimension,
            label,
            rule_id,
            cause,
            valid_from,
            valid_to,
            label_since,
            label_until,
            previous_label
        from {{ periods }}
    {% endfor %}
)

select * from history
