-- grain: one row per experiment, arm and metric
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

{% set columns = [
    'experiment', 'arm', 'assigned_by', 'planned_share', 'is_complete', 'customers',
    'contacted',
] | join(', ') %}
metrics as (
    select
        {{ columns }},
        'visit_rate' as metric,
        cast(visits as double) as total,
        cast(visits as double) as squares,
        cast(visits_before as double) as before_total,
        cast(visits_before as double) as before_squares,
        cast(visits_both as double) as products
    from arms
    union all
    select
        {{ columns }},
        'conversion_rate' as metric,
        cast(orders as double) as total,
        cast(orders as double) as squares,
        cast(orders_before as double) as before_total,
        cast(orders_before as double) as before_squares,
        cast(orders_both as double) as products
    from arms
    union all
    select
        {{ columns }},
        'net_amount_per_customer' as metric,
        cast(net as double) as total,
        cast(net_squares as double) as squares,
        cast(net_before as double) as before_total,
        cast(net_before_squares as double) as before_squares,
        cast(net_products as double) as products
    from arms
)

select * from metrics
