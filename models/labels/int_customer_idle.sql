-- grain: one row per customer who did something up to the as-of date
with customer_days as (
    select * from {{ ref('int_customer_days') }}
),

-- What is done to customers is no behaviour of theirs.
customers as (
    select
        customer_id,
        max(day) as last_behavior_date,
        cast({{ as_of_date() }} - max(day) as int) as idle_days
    from customer_days
    where
        day <= {{ as_of_date() }}
        and behavior not in ('ad_impression', 'message_delivered')
    group by customer_id
)

select * from customers
