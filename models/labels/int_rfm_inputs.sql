-- grain: one row per scored day and customer with a valid order in its RFM window
{% set window_days = var('rfm_window_days') %}
with orders as (
    select * from {{ ref('fct_orders') }}
),

days as (
    select * from {{ ref('int_rfm_days') }}
),

-- The window holds exactly that many days, the day that is scored being the last.
recent as (
    select
        days.as_of_date,
        orders.customer_id,
        orders.order_date,
        orders.net_amount
    from orders
    inner join days
        on
            orders.order_date <= days.as_of_date
            {% if window_days is not none %}
                and orders.order_date > days.as_of_date - {{ window_days | int }}
            {% endif %}
    where orders.is_valid
),

customers as (
    select
        as_of_date,
        customer_id,
        cast(as_of_date - max(order_date) as int) as recency_days,
        count(*) as frequency,
        cast(sum(net_amount) as decimal(18, 2)) as monetary
    from recent
    group by as_of_date, customer_id
)

select * from customers
