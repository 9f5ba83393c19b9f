-- grain: one row per customer with a valid order
{{ config(materialized='view') }}
with orders as (
    select * from {{ ref('fct_orders') }}
),

lines as (
    select * from {{ ref('fct_order_lines') }}
),

-- An order without lines, or with one that is no sample, is of full-size products.
placed as (
    select
        orders.customer_id,
        orders.order_id,
        orders.order_date,
        coalesce(bool_and(coalesce(lines.is_sample, false)), false) as is_of_samples
    from orders
    left join lines on orders.order_id = lines.order_id
    where orders.is_valid
    group by orders.customer_id, orders.order_id, orders.order_date
),

days as (
    select
        customer_id,
        min(order_date) as first_day,
        coalesce(
            min(order_date) filter (where not is_of_samples), {{ forever() }}
        ) as first_full_size_day
    from placed
    group by customer_id
)

select * from days
