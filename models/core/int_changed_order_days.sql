-- grain: one row per customer and day whose orders changed since the last build
with days as (
    {{ changed_days(ref('int_orders'), 'order_date') }}
)

select * from days
