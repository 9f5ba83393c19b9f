-- grain: one row per customer with an order of any status
with orders as (
    select * from {{ ref('fct_orders') }}
),

customers as (
    select
        customer_id,
        min(ordered_at) as first_ordered_at,
        min(order_date) filter (where is_valid) as first_order_date,
        max(order_date) filter (where is_valid) as last_order_date,
        count(*) filter (where is_valid) as valid_orders
    from orders
    where customer_id is not null
    group by customer_id
)

select * from customers
