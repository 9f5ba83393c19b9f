-- grain: one row per customer and day with valid orders up to the as-of date
with changed as (
    select * from {{ ref('int_changed_customers') }}
),

order_days as (
    select days.*
    from {{ ref('int_order_days') }} as days
    {% if is_incremental() %}
        semi join changed on days.customer_id = changed.customer_id
    {% endif %}
    where days.day <= {{ as_of_date() }}
),

purchases as (
    select
        customer_id,
        day,
        first_order_id as order_id,
        row_number() over by_day as order_dates,
        cast(sum(orders) over by_day as bigint) as orders,
        cast(sum(amount) over by_day as decimal(18, 4)) as amount,
        min(day) over by_day as first_order_date,
        cast(day - lag(day) over by_day as int) as gap_days,
        lead(day) over by_day as next_order_date
    from order_days
    window by_day as (partition by customer_id order by day asc)
)

select * from purchases
