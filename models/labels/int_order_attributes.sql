-- grain: one row per customer, attribute of the orders and span in which it has a value
{{ config(materialized='view') }}
with order_days as (
    select *
    from {{ ref('int_order_days') }}
    where day <= {{ as_of_date() }}
),

lines as (
    select * from {{ ref('int_full_size_days') }}
),

summed as (
    select
        customer_id,
        day,
        min(day) over (partition by customer_id) as first_day,
        sum(amount) over by_day as amount,
        sum(orders) over by_day as orders,
        coalesce(
            lead(day) over (partition by customer_id order by day asc), {{ forever() }}
        ) as next_day
    from order_days
    window by_day as (partition by customer_id order by day asc)
),

-- What held before the ledger began is nobody's question.
recent as (
    select *
    from summed
    where next_day > {{ ledger_start() }}
),

spans as (
    select
        customer_id,
        'net_amount' as attribute,
        cast(cast(amount as decimal(18, 2)) as string) as value,
        cast(null as date) as grows_from,
        day as valid_from,
        next_day as valid_to
    from recent
    union all
    select
        customer_id,
        'average_order_amount' as attribute,
        cast(cast(amount / orders as decimal(18, 2)) as string) as value,
        cast(null as date) as grows_from,
        day as valid_from,
        next_day as valid_to
    from recent
    union all
    select
        customer_id,
        'days_since_first_order' as attribute,
        cast(null as string) as value,
        min(day) as grows_from,
        min(day) as valid_from,
        {{ forever() }} as valid_to
    from order_days
    group by customer_id
    union all
    select
        customer_id,
        'buyer_kind' as attribute,
        'sample' as value,
        cast(null as date) as grows_from,
        first_day as valid_from,
        first_full_size_day as valid_to
    from lines
    where first_day < first_full_size_day
    union all
    select
        customer_id,
        'buyer_kind' as attribute,
        'full_size' as value,
        cast(null as date) as grows_from,
        first_full_size_day as valid_from,
        {{ forever() }} as valid_to
    from lines
    where first_full_size_day < {{ forever() }}
)

select * from spans
