-- grain: one row per customer with an interaction
with interactions as (
    select * from {{ ref('fct_interactions') }}
),

customers as (
    select
        customer_id,
        min(occurred_at) as first_occurred_at,
        bool_or(event_type = 'add_wecom') as has_added_wecom
    from interactions
    where customer_id is not null
    group by customer_id
)

select * from customers
