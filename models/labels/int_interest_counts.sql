-- grain: one row per customer and category that they ordered or looked at
with orders as (
    select * from {{ ref('fct_orders') }}
),

lines as (
    select * from {{ ref('fct_order_lines') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

product_days as (
    select *
    from {{ ref('int_product_view_days') }}
    where day <= {{ as_of_date() }}
),

bought as (
    select
        orders.customer_id,
        products.category,
        count(distinct orders.order_id) as orders,
        sum(lines.line_amount) as amount
    from orders
    inner join lines on orders.order_id = lines.order_id
    inner join products on lines.product_id = products.product_id
    where orders.is_valid and products.category is not null
    group by orders.customer_id, products.category
),

looked as (
    select
        product_days.customer_id,
        products.category,
        sum(product_days.events) as views
    from product_days
    inner join products on product_days.product_id = products.product_id
    where products.category is not null
    group by product_days.customer_id, products.category
),

counts as (
    select
        coalesce(bought.customer_id, looked.customer_id) as customer_id,
        coalesce(bought.category, looked.category) as category,
        coalesce(bought.orders, 0) as orders,
        greatest(coalesce(bought.amount, 0), 0) as amount,
        coalesce(looked.views, 0) as views
    from bought
    full join looked
        on
            bought.customer_id = looked.customer_id
            and bought.category = looked.category
)

select * from counts
