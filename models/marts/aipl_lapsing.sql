-- grain: one row per customer whose stage lapses within early_warning_days
with stages as (
    select * from {{ ref('aipl_stage') }}
),

scores as (
    select * from {{ ref('rfm_scores') }}
),

lapsing as (
    select
        stages.as_of_date,
        stages.customer_id,
        stages.stage,
        stages.lapses_on,
        stages.lapses_to,
        cast(stages.lapses_on - stages.as_of_date as int) as days_left,
        coalesce(scores.value_tier, 'none') as value_tier,
        stages.play
    from stages
    left join scores on stages.customer_id = scores.customer_id
    where
        stages.lapses_on <= stages.as_of_date + {{ var('early_warning_days') | int }}
)

select * from lapsing
