-- grain: one row per message with a valid order in its outcome window: the first one
with touches as (
    select * from {{ ref('int_touches') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

followed as (
    select
        touches.customer_id,
        touches.channel,
        touches.sent_at,
        touches.sent_date,
        orders.order_id,
        orders.ordered_at,
        orders.order_date,
        orders.net_amount,
        row_number() over (
            partition by touches.customer_id, touches.channel, touches.sent_at
            order by orders.ordered_at asc, orders.order_id asc
        ) as place
    from touches
    inner join orders on touches.customer_id = orders.customer_id
    where
        orders.is_valid
        and touches.sent_at <= orders.ordered_at
        and orders.ordered_at < touches.ends_at
),

firsts as (
    select
        customer_id,
        channel,
        sent_at,
        order_id,
        ordered_at,
        net_amount,
        cast(order_date - sent_date as int) as days_to_order
    from followed
    where place = 1
)

select * from firsts
