-- grain: one row per customer and anchor that has started a clock up to the as-of date
with members as (
    select * from {{ ref('stg_members') }}
),

interaction_days as (
    select * from {{ ref('int_interaction_days') }}
),

orders as (
    select * from {{ ref('int_order_kinds') }}
),

wecom_days as (
    select
        customer_id,
        wecom_bound_date as day
    from members
    where wecom_bound_date <= {{ as_of_date() }}
    union all
    select
        customer_id,
        day
    from interaction_days
    where behavior = 'add_wecom' and day <= {{ as_of_date() }}
),

-- An order starts its clocks again, joining and adding do so once in a life.
anchors as (
    select
        customer_id,
        'joined' as anchor,
        registered_date as anchor_date
    from members
    where registered_date is not null
    union all
    select
        customer_id,
        'wecom_added' as anchor,
        min(day) as anchor_date
    from wecom_days
    group by customer_id
    union all
    select
        customer_id,
        'ordered' as anchor,
        max(order_date) as anchor_date
    from orders
    group by customer_id
    union all
    select
        customer_id,
        case when is_sample_order then 'sample_ordered' else 'full_size_ordered' end
            as anchor,
        max(order_date) as anchor_date
    from orders
    group by customer_id, is_sample_order
)

select * from anchors
