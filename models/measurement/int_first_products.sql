-- grain: one row per valid order that is a customer's first and has lines
with orders as (
    select * from {{ ref('fct_orders') }}
),

lines as (
    select * from {{ ref('fct_order_lines') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

sums as (
    select
        orders.order_id,
        lines.product_id,
        sum(lines.line_amount) as amount
    from orders
    inner join lines on orders.order_id = lines.order_id
    where orders.order_seq = 1
    group by orders.order_id, lines.product_id
),

ranked as (
    select
        order_id,
        product_id,
        row_number() over (
            partition by order_id
            order by amount desc, product_id asc
        ) as place
    from sums
),

largest as (
    select
        ranked.order_id,
        ranked.product_id,
        products.category
    from ranked
    left join products on ranked.product_id = products.product_id
    where ranked.place = 1
)

select * from largest
