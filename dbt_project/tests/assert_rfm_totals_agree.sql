-- The customers' frequency and monetary add up to the valid orders of the window.
{% set window_days = var('rfm_window_days') %}
with orders as (
    select
        count(*) as order_count,
        coalesce(sum(net_amount), 0) as net_amount
    from {{ ref('fct_orders') }}
    where
        is_valid
        {% if window_days is not none %}
            and order_date > {{ as_of_date() }} - {{ window_days | int }}
        {% endif %}
),

scores as (
    select
        coalesce(sum(frequency), 0) as order_count,
        coalesce(sum(monetary), 0) as net_amount
    from {{ ref('rfm_scores') }}
)

select
    orders.order_count,
    scores.order_count as scored_order_count,
    orders.net_amount,
    scores.net_amount as scored_net_amount
from orders
cross join scores
where
    orders.order_count <> scores.order_count
    or orders.net_amount <> scores.net_amount
