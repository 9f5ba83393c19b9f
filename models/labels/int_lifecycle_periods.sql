-- grain: one row per customer and period in which one rule decides the lifecycle state
-- depends_on: {{ ref('int_touched_customers') }}
with periods as (
    {{ label_periods(ref('int_lifecycle_rule_periods')) }}
)

select * from periods
