-- grain: one row per customer, day and product that they looked at; of any day
with interactions as (
    select * from {{ ref('int_interactions') }}
),

changed as (
    select * from {{ ref('int_changed_interaction_days') }}
),

days as (
    select
        interactions.customer_id,
        interactions.event_date as day,
        interactions.product_id,
        count(*) as events
    from interactions
    {{ on_changed_days('interactions', 'event_date', is_incremental()) }}
    where
        interactions.customer_id is not null
        and interactions.product_id is not null
        and interactions.event_type in (
            'search', 'product_view', 'favorite', 'add_to_cart', 'sample_claim',
            'consult'
        )
    group by interactions.customer_id, interactions.event_date, interactions.product_id
)

select * from days
