-- grain: one row per customer with a valid order
{{ config(materialized='view') }}
with orders as (
    select * from {{ ref('int_order_kinds') }}
),

days as (
    select
        customer_id,
        min(order_date) as first_day,
        coalesce(
            min(order_date) filter (where not is_sample_order), {{ forever() }}
        ) as first_full_size_day
    from orders
    group by customer_id
)

select * from days
