-- grain: one row per order up to the as-of date, from the orders files or from lines
with orders as (
    select * from {{ ref('stg_orders') }}
),

line_orders as (
    select * from {{ ref('stg_line_orders') }}
),

lines as (
    select * from {{ ref('int_order_lines') }}
),

totals as (
    select
        order_id,
        cast(sum(line_amount) as decimal(18, 2)) as line_amount
    from lines
    group by order_id
),

derived as (
    select
        line_orders.order_id,
        line_orders.customer_id,
        line_orders.ordered_at,
        line_orders.order_date,
        line_orders.status,
        coalesce(line_orders.gross_amount, totals.line_amount) as gross_amount,
        line_orders.gross_amount is null as is_amount_from_lines,
        line_orders.refund_amount,
        line_orders.channel,
        line_orders.store_id,
        line_orders.coupon_id,
        line_orders.campaign_id
    from line_orders
    inner join totals on line_orders.order_id = totals.order_id
),

combined as (
    select
        order_id,
        customer_id,
        ordered_at,
        order_date,
        status,
        gross_amount,
        false as is_amount_from_lines,
        refund_amount,
        channel,
        store_id,
        coupon_id,
        campaign_id
    from orders
    union all
    select * from derived
)

select * from combined
