-- grain: one row per valid order up to the as-of date
with orders as (
    select * from {{ ref('fct_orders') }}
),

lines as (
    select * from {{ ref('fct_order_lines') }}
),

kinds as (
    select
        order_id,
        bool_and(is_sample) as is_sample_order
    from lines
    group by order_id
),

-- An order whose lines nobody knows is taken for one of full-size goods.
judged as (
    select
        orders.order_id,
        orders.customer_id,
        orders.order_date,
        coalesce(kinds.is_sample_order, false) as is_sample_order
    from orders
    left join kinds on orders.order_id = kinds.order_id
    where orders.is_valid
)

select * from judged
