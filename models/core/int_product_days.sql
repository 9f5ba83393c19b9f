-- grain: one row per customer, product and day with a purchase, up to the as-of date
with orders as (
    select * from {{ ref('int_order_kinds') }}
),

lines as (
    select * from {{ ref('fct_order_lines') }}
),

-- Returns and corrections are lines of zero pieces or fewer: they buy nothing.
days as (
    select
        orders.customer_id,
        lines.product_id,
        orders.order_date as day,
        cast(sum(lines.quantity) as decimal(18, 4)) as quantity,
        bool_or(not lines.is_sample) as is_full_size,
        bool_or(orders.is_sample_order) as is_of_sample_order
    from orders
    inner join lines on orders.order_id = lines.order_id
    where lines.quantity > 0
    group by orders.customer_id, lines.product_id, orders.order_date
)

select * from days
