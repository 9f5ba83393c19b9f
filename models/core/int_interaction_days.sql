-- grain: one row per customer, day and event type; of any day
{% set thing = key_hash('coalesce(interactions.product_id, interactions.content_id)') %}
with interactions as (
    select * from {{ ref('int_interactions') }}
),

changed as (
    select * from {{ ref('int_changed_interaction_days') }}
),

-- What somebody does with one thing on one day comes first together, things by hashes:
-- counting distinct names in one step would hold all of them in memory.
things as (
    select
        interactions.customer_id,
        interactions.event_date as day,
        interactions.event_type as behavior,
        case
            when coalesce(interactions.product_id, interactions.content_id) is not null
                then {{ thing }}
        end as thing,
        count(*) as events,
        sum(interactions.value) as amount
    from interactions
    {{ on_changed_days('interactions', 'event_date', is_incremental()) }}
    where interactions.customer_id is not null
    group by
        interactions.customer_id,
        interactions.event_date,
        interactions.event_type,
        thing
),

days as (
    select
        customer_id,
        day,
        behavior,
        cast(sum(events) as bigint) as events,
        count(thing) as things,
        cast(coalesce(sum(amount), 0) as decimal(18, 4)) as amount
    from things
    group by customer_id, day, behavior
)

select * from days
