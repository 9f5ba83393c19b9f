-- grain: one row per customer, day and scene; of any day
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
        interactions.scene,
        count(*) as events
    from interactions
    {{ on_changed_days('interactions', 'event_date', is_incremental()) }}
    where interactions.customer_id is not null and interactions.scene is not null
    group by interactions.customer_id, interactions.event_date, interactions.scene
)

select * from days
