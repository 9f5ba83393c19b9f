-- grain: one row per customer, attribute of days since and span in which it grows
{{ config(materialized='view') }}
with customer_days as (
    select * from {{ ref('int_customer_days') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

customers as (
    select * from {{ ref('int_rule_customers') }}
),

named as (
    select distinct
        attribute,
        detail as behavior
    from {{ ref('int_rule_attributes') }}
    where family = 'days_since'
),

facts as (
    select
        customer_days.customer_id,
        named.attribute,
        customer_days.day
    from customer_days
    inner join named on customer_days.behavior = named.behavior
    union all
    select
        customer_id,
        'days_silent' as attribute,
        day
    from customer_days
    union all
    select
        customer_id,
        'days_silent' as attribute,
        order_date as day
    from orders
    where customer_id is not null
    union all
    -- What is done to customers is no behaviour of theirs.
    select
        customer_id,
        'days_idle' as attribute,
        day
    from customer_days
    where behavior not in ('ad_impression', 'message_delivered')
    union all
    select
        customer_id,
        'days_silent' as attribute,
        coalesce(first_seen_date, cast('1970-01-01' as date)) as day
    from customers
),

-- Of the days before the ledger only the last one matters.
days as (
    select
        customer_id,
        attribute,
        day
    from facts
    where day > {{ ledger_start() }} and day <= {{ as_of_date() }}
    group by customer_id, attribute, day
    union all
    select
        customer_id,
        attribute,
        max(day) as day
    from facts
    where day <= {{ ledger_start() }}
    group by customer_id, attribute
),

spans as (
    select
        customer_id,
        attribute,
        day as grows_from,
        day as valid_from,
        coalesce(
            lead(day) over (partition by customer_id, attribute order by day asc),
            {{ forever() }}
        ) as valid_to
    from days
)

select * from spans
