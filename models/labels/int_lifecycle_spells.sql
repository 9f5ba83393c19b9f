-- grain: one row per customer and spell of constant facts that reaches into the ledger
with customers as (
    select * from {{ ref('dim_customer') }}
),

purchases as (
    select * from {{ ref('int_lifecycle_purchases') }}
),

with_orders as (
    select
        *,
        coalesce(next_order_date, {{ forever() }}) as valid_to
    from purchases
    where next_order_date is null or next_order_date > {{ ledger_start() }}
),

-- Who is known by no fact with a time is taken to be known all along.
without_orders as (
    select
        customer_id,
        coalesce({{ local_date('first_seen_at') }}, {{ ledger_start() }}) as valid_from,
        coalesce(first_order_date, {{ forever() }}) as valid_to
    from customers
    where first_order_date is null or first_order_date > {{ ledger_start() }}
),

medians as (
    select
        with_orders.customer_id,
        with_orders.day,
        cast(median(purchases.gap_days) as decimal(18, 1)) as own_interval_days
    from with_orders
    inner join purchases
        on
            with_orders.customer_id = purchases.customer_id
            and with_orders.day >= purchases.day
    where with_orders.order_dates >= 3
    group by with_orders.customer_id, with_orders.day
),

spells as (
    select
        with_orders.customer_id,
        with_orders.day as valid_from,
        with_orders.valid_to,
        with_orders.orders,
        with_orders.amount,
        with_orders.order_id as last_order_id,
        with_orders.day as last_order_date,
        with_orders.first_order_date,
        with_orders.gap_days as previous_gap_days,
        medians.own_interval_days
    from with_orders
    left join medians
        on
            with_orders.customer_id = medians.customer_id
            and with_orders.day = medians.day
    union all
    select
        customer_id,
        valid_from,
        valid_to,
        0 as orders,
        cast(null as decimal(18, 4)) as amount,
        cast(null as string) as last_order_id,
        cast(null as date) as last_order_date,
        cast(null as date) as first_order_date,
        cast(null as int) as previous_gap_days,
        cast(null as decimal(18, 1)) as own_interval_days
    from without_orders
    where valid_from < valid_to
)

select * from spells
