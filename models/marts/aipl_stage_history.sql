-- grain: one row per customer and unbroken period in a stage up to the as-of date
{{ config(materialized='view') }}
with periods as (
    select *
    from {{ ref('int_aipl_stage_periods') }}
    where stage <> 'none'
),

begun as (
    select
        customer_id,
        stage,
        valid_from,
        case when valid_to <= {{ as_of_date() }} then valid_to end as valid_to,
        cause
    from periods
    where valid_from <= {{ as_of_date() }}
)

select * from begun
