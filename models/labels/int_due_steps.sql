-- grain: one row per customer and journey with a step due and not left on the as-of date
with due as (
    select * from {{ ref('int_journey_due') }}
),

exits as (
    select * from {{ ref('int_journey_exits') }}
),

steps as (
    select
        due.customer_id,
        due.journey,
        min_by(due.step, (due.priority, due.step)) as step
    from due
    anti join exits on due.touch_id = exits.touch_id
    group by due.customer_id, due.journey
)

select * from steps
