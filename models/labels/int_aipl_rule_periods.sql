-- grain: one row per customer, group of rules (hold_key) and period on which it holds
with condition_periods as (
    select * from {{ ref('int_aipl_condition_periods') }}
),

groups as (
    select distinct
        hold_key,
        condition_key,
        stage,
        conditions
    from {{ ref('int_aipl_conditions') }}
),

grouped as (
    select
        condition_periods.customer_id,
        condition_periods.valid_from,
        condition_periods.valid_to,
        groups.hold_key,
        groups.stage,
        groups.conditions
    from condition_periods
    inner join groups on condition_periods.condition_key = groups.condition_key
),

conjunctions as (
    select *
    from grouped
    where conditions > 1
),

{{ conjunction_periods('conjunctions', ['hold_key', 'stage'], 'conditions') }},

periods as (
    select
        customer_id,
        hold_key,
        stage,
        valid_from,
        valid_to
    from grouped
    where conditions = 1
    union all
    select
        customer_id,
        hold_key,
        stage,
        valid_from,
        valid_to
    from conjunction_periods
)

select * from periods
