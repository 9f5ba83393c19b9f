-- grain: one row per customer, day and behaviour; of any day
with interaction_days as (
    select * from {{ ref('int_interaction_days') }}
),

order_days as (
    select * from {{ ref('int_order_days') }}
),

days as (
    select
        customer_id,
        day,
        behavior,
        events,
        things,
        amount,
        cast(null as string) as first_order_id
    from interaction_days
    where behavior <> 'valid_order'
    union all
    select
        customer_id,
        day,
        'valid_order' as behavior,
        orders as events,
        orders as things,
        amount,
        first_order_id
    from order_days
)

select * from days
