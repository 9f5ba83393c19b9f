-- grain: one row per customer and day on which the stage changed, up to the as-of date
{{ config(materialized='view') }}
with stays as (
    select * from {{ ref('int_aipl_stays') }}
),

placed as (
    select
        *,
        lag(stage) over by_day as previous_stage,
        lag(valid_to) over by_day as previous_to
    from stays
    window by_day as (partition by customer_id order by valid_from asc)
),

moves as (
    select
        customer_id,
        valid_from as changed_on,
        case when previous_to = valid_from then previous_stage else 'none' end
            as from_label,
        stage as to_label,
        cause
    from placed
    union all
    select
        customer_id,
        valid_to as changed_on,
        stage as from_label,
        'none' as to_label,
        end_cause as cause
    from placed
    where next_stage = 'none'
),

known as (
    select *
    from moves
    where changed_on <= {{ as_of_date() }}
)

select * from known
