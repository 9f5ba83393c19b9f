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

conjunctions as (
    select *
    from spans
    where conditions > 1
),

{{ held_together('conjunctions', ['hold_key', 'stage'], 'conditions') }},

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
    from held_together
)

select * from holds
