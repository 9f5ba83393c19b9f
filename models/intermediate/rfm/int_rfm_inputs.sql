-- grain: one row per customer with a valid order in the RFM window
{% set window_days = var('rfm_window_days') %}
with orders as (
    select * from {{ ref('fct_orders') }}
),

-- The window holds exactly that many days, the as-of date being the last.
recent as (
    select *
    from orders
    where
        is_valid
        {% if window_days is not none %}
            and order_date > {{ as_of_date() }} - {{ window_days | int }}
        {% endif %}
),

customers as (
    select
        customer_id,
        cast({{ as_of_date() }} - max(order_date) as int) as recency_days,
        count(*) as frequency,
        cast(sum(net_amount) as decimal(18, 2)) as monetary
    from recent
    group by customer_id
)

select * from customers
