-- grain: one row per customer, attribute of their orders and period of value or growth
{{ config(materialized='view') }}
with customers as (
    select * from {{ ref('int_rule_customers') }}
),

order_days as (
    select days.*
    from {{ ref('int_order_days') }} as days
    semi join customers on days.customer_id = customers.customer_id
    where days.day <= {{ as_of_date() }}
),

buyers as (
    select
        kinds.customer_id,
        min(kinds.order_date) as first_day,
        coalesce(
            min(kinds.order_date) filter (where not kinds.is_sample_order),
            {{ forever() }}
        ) as first_full_size_day
    from {{ ref('int_order_kinds') }} as kinds
    semi join customers on kinds.customer_id = customers.customer_id
    group by kinds.customer_id
),

summed as (
    select
        customer_id,
        day,
        sum(amount) over by_day as amount,
        sum(orders) over by_day as orders,
        coalesce(lead(day) over by_day, {{ forever() }}) as next_day
    from order_days
    window by_day as (partition by customer_id order by day asc)
),

-- What held before the ledger began is not asked for.
recent as (
    select *
    from summed
    where next_day > {{ ledger_start() }}
),

periods as (
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
        'buyer_kind' as attribute,
        'sample' as value,
        cast(null as date) as grows_from,
        first_day as valid_from,
        first_full_size_day as valid_to
    from buyers
    where first_day < first_full_size_day
    union all
    select
        customer_id,
        'buyer_kind' as attribute,
        'full_size' as value,
        cast(null as date) as grows_from,
        first_full_size_day as valid_from,
        {{ forever() }} as valid_to
    from buyers
    where first_full_size_day < {{ forever() }}
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
)

select * from periods
