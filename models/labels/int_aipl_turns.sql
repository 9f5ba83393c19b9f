-- grain: one row per customer, rule and condition that begins or stops to hold with it
with holds as (
    select * from {{ ref('int_aipl_holds') }}
),

conditions as (
    select * from {{ ref('int_aipl_conditions') }}
),

spans as (
    select * from {{ ref('int_aipl_spans') }}
),

-- A rule begins to hold by a fact of that day, and stops window_days after one; of
-- several conditions, those are why that began or stopped on the day themselves.
turns as (
    select
        holds.customer_id,
        holds.stage,
        holds.hold_from as on_day,
        true as is_begin,
        conditions.rule_id,
        conditions.behavior,
        conditions.window_days,
        holds.hold_from as fact_day
    from holds
    inner join conditions on holds.hold_key = conditions.hold_key
    semi join spans
        on
            holds.customer_id = spans.customer_id
            and holds.hold_from = spans.hold_from
            and conditions.condition_key = spans.condition_key
    union all
    select
        holds.customer_id,
        holds.stage,
        holds.hold_until as on_day,
        false as is_begin,
        conditions.rule_id,
        conditions.behavior,
        conditions.window_days,
        holds.hold_until - conditions.window_days as fact_day
    from holds
    inner join conditions on holds.hold_key = conditions.hold_key
    semi join spans
        on
            holds.customer_id = spans.customer_id
            and holds.hold_until = spans.hold_until
            and conditions.condition_key = spans.condition_key
)

select * from turns
