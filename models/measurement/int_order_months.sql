-- grain: one row per customer and month with a valid order up to the as-of date
with order_days as (
    select
        customer_id,
        day,
        orders,
        amount,
        cast(date_trunc('month', day) as date) as month_start
    from {{ ref('int_order_days') }}
    where day <= {{ as_of_date() }}
),

firsts as (
    select
        customer_id,
        min(month_start) as cohort_month
    from order_days
    group by customer_id
),

months as (
    select
        order_days.customer_id,
        firsts.cohort_month,
        order_days.month_start,
        cast(
            (year(order_days.month_start) - year(firsts.cohort_month)) * 12
            + month(order_days.month_start) - month(firsts.cohort_month) as int
        ) as month_no,
        cast(sum(order_days.orders) as bigint) as orders,
        cast(sum(order_days.amount) as decimal(18, 2)) as net_amount
    from order_days
    inner join firsts on order_days.customer_id = firsts.customer_id
    group by order_days.customer_id, firsts.cohort_month, order_days.month_start
)

select * from months
