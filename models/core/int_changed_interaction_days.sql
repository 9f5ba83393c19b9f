-- grain: one row per customer and day whose interactions changed since the last build
with days as (
    {{ changed_days(ref('int_interactions'), 'event_date') }}
)

select * from days
