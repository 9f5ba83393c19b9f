-- grain: one row per order line of an order up to the as-of date
with lines as (
    select * from {{ ref('int_order_lines') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

joined as (
    select
        lines.order_id,
        lines.line_no,
        lines.line_key,
        orders.customer_id,
        orders.ordered_at,
        orders.order_date,
        lines.product_id,
        lines.quantity,
        lines.unit_price,
        lines.line_amount,
        coalesce(lines.is_sample, products.is_sample, false) as is_sample
    from lines
    inner join orders on lines.order_id = orders.order_id
    left join products on lines.product_id = products.product_id
)

select * from joined
