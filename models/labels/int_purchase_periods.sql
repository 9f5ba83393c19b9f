-- grain: one row per customer and period between orders that reaches into the ledger
-- depends_on: {{ ref('int_touched_customers') }}
with customers as (
    select * from {{ ref('int_rule_customers') }}
),

purchases as (
    select purchases.*
    from {{ ref('int_purchase_days') }} as purchases
    semi join customers on purchases.customer_id = customers.customer_id
),

with_orders as (
    select
        *,
        coalesce(next_order_date, {{ forever() }}) as valid_to
    from purchases
    where next_order_date is null or next_order_date > {{ ledger_start() }}
),

firsts as (
    select
        customer_id,
        min(day) as first_order_date
    from purchases
    group by customer_id
),

-- Before the first order from the day on which the customer became known.
without_orders as (
    select
        customers.customer_id,
        customers.known_from as valid_from,
        coalesce(firsts.first_order_date, {{ forever() }}) as valid_to
    from customers
    left join firsts on customers.customer_id = firsts.customer_id
    where
        firsts.first_order_date is null
        or firsts.first_order_date > {{ ledger_start() }}
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

purchase_periods as (
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

select * from purchase_periods
