-- grain: one row per customer, group of rules (hold_key) and span on which it holds
with condition_spans as (
    select * from {{ ref('int_aipl_spans') }}
),

groups as (
    select distinct
        hold_key,
        condition_key,
        stage,
        conditions
    from {{ ref('int_aipl_conditions') }}
),

spans as (
    select
        condition_spans.customer_id,
        condition_spans.hold_from,
        condition_spans.hold_until,
        groups.hold_key,
        groups.stage,
        groups.conditions
    from condition_spans
    inner join groups on condition_spans.condition_key = groups.condition_key
),

-- All conditions of a rule hold where as many spans cover the day as it has conditions.
points as (
    select
        customer_id,
        hold_key,
        stage,
        conditions,
        hold_from as on_day,
        1 as change
    from spans
    where conditions > 1
    union all
    select
        customer_id,
        hold_key,
        stage,
        conditions,
        hold_until as on_day,
        -1 as change
    from spans
    where conditions > 1
),

covered as (
    select
        customer_id,
        hold_key,
        stage,
        conditions,
        on_day as hold_from,
        lead(on_day) over by_day as hold_until,
        sum(sum(change)) over by_day as held
    from points
    group by customer_id, hold_key, stage, conditions, on_day
    window by_day as (partition by customer_id, hold_key order by on_day asc)
),

holds as (
    select
        customer_id,
        hold_key,
        stage,
        hold_from,
        hold_until
    from spans
    where conditions = 1
    union all
    select
        customer_id,
        hold_key,
        stage,
        hold_from,
        hold_until
    from covered
    where held = conditions
)

select * from holds
