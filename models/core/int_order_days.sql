-- grain: one row per customer and day with valid orders; of any day
with orders as (
    select * from {{ ref('int_orders') }}
),

changed as (
    select * from {{ ref('int_changed_order_days') }}
),

days as (
    select
        orders.customer_id,
        orders.order_date as day,
        count(*) as orders,
        cast(sum(orders.net_amount) as decimal(18, 4)) as amount,
        min_by(orders.order_id, (orders.ordered_at, orders.order_id))
            as first_order_id
    from orders
    {{ on_changed_days('orders', 'order_date', is_incremental()) }}
    where orders.is_valid
    group by orders.customer_id, orders.order_date
)

select * from days
