-- grain: one row per customer and unbroken stay in a behaviour segment
with stays as (
    {{ stays_by_priority(ref('int_behavior_matches'), 'segment') }}
)

select * from stays
