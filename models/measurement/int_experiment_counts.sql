-- grain: one row per experiment, arm and metric
{#- Each metric with the sums of `arms` that it is told from. -#}
{% set metrics = [
    ('visit_rate', 'visits', 'visits', 'visits_before', 'visits_before', 'visits_both'),
    (
        'conversion_rate',
        'orders', 'orders', 'orders_before', 'orders_before', 'orders_both',
    ),
    (
        'net_amount_per_customer',
        'net', 'net_squares', 'net_before', 'net_before_squares', 'net_products',
    ),
] %}
with outcomes as (
    select * from {{ ref('int_experiment_outcomes') }}
),

-- One and zero are their own squares. Sums of decimals are exact, so that the order in
-- which rows are added changes nothing.
arms as (
    select
        experiment,
        arm,
        assigned_by,
        planned_share,
        bool_and(is_complete) as is_complete,
        count(*) as customers,
        count(*) filter (where was_contacted) as contacted,
        count(*) filter (where has_visited) as visits,
        count(*) filter (where has_visited_before) as visits_before,
        count(*) filter (where has_visited and has_visited_before) as visits_both,
        count(*) filter (where has_converted) as orders,
        count(*) filter (where has_converted_before) as orders_before,
        count(*) filter (
            where has_converted and has_converted_before
        ) as orders_both,
        sum(net_amount) as net,
        sum(net_amount * net_amount) as net_squares,
        sum(net_amount_before) as net_before,
        sum(net_amount_before * net_amount_before) as net_before_squares,
        sum(net_amount * net_amount_before) as net_products
    from outcomes
    group by experiment, arm, assigned_by, planned_share
),

metrics as (
    {% for metric, total, squares, before_total, before_squares, products in metrics %}
        select
            experiment,
            arm,
            assigned_by,
            planned_share,
            is_complete,
            customers,
            contacted,
            '{{ metric }}' as metric,
            cast({{ total }} as double) as total,
            cast({{ squares }} as double) as squares,
            cast({{ before_total }} as double) as before_total,
            cast({{ before_squares }} as double) as before_squares,
            cast({{ products }} as double) as products
        from arms
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from metrics
