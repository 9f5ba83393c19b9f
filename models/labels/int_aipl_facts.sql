-- grain: one row per customer, condition, behaviour and day of facts that matter for it
{{ config(materialized='view') }}
with customer_days as (
    select * from {{ ref('int_customer_days') }}
),

changed as (
    select * from {{ ref('int_aipl_changed') }}
),

conditions as (
    select distinct
        condition_key,
        behavior,
        window_days,
        is_simple
    from {{ ref('int_aipl_conditions') }}
),

-- A day before from_day matters as long as it is in a window that ends on from_day - 1.
matched as (
    select
        customer_days.customer_id,
        customer_days.day,
        customer_days.behavior,
        customer_days.events,
        customer_days.amount,
        conditions.condition_key,
        conditions.window_days,
        conditions.is_simple
    from customer_days
    inner join changed on customer_days.customer_id = changed.customer_id
    inner join conditions on customer_days.behavior = conditions.behavior
    where
        customer_days.day <= {{ as_of_date() }}
        and (
            changed.from_day is null
            or customer_days.day >= changed.from_day - conditions.window_days
        )
)

select * from matched
