-- grain: one row per customer and day whose orders changed since the last build
with changed as (
    select *
    from {{ ref('int_orders') }}
    where
        build_no = {{ build_no() }}
        and {{ 'true' if var('last_build') is mapping else 'false' }}
),

days as (
    select
        customer_id,
        order_date as day
    from changed
    where customer_id is not null
    union
    select
        earlier_customer_id as customer_id,
        earlier_order_date as day
    from changed
    where earlier_customer_id is not null
)

select * from days
