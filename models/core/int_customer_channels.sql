-- grain: one row per customer and channel of an order or interaction
with orders as (
    select * from {{ ref('fct_orders') }}
),

interactions as (
    select * from {{ ref('fct_interactions') }}
),

firsts as (
    select
        customer_id,
        channel,
        min(ordered_at) as first_at
    from orders
    where customer_id is not null and channel is not null
    group by customer_id, channel
    union all
    select
        customer_id,
        channel,
        min(occurred_at) as first_at
    from interactions
    where customer_id is not null and channel is not null
    group by customer_id, channel
),

channels as (
    select
        customer_id,
        channel,
        min(first_at) as first_at
    from firsts
    group by customer_id, channel
),

-- At one moment the channel first by name counts, so that the pick is always the same.
ranked as (
    select
        customer_id,
        channel,
        first_at,
        row_number() over (
            partition by customer_id
            order by first_at asc, channel asc
        ) as channel_rank
    from channels
)

select * from ranked
