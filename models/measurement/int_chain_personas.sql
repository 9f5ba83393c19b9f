-- grain: one row per customer whom a persona received in WeCom
with interactions as (
    select * from {{ ref('fct_interactions') }}
),

-- The day grain does not name personas. At one moment the first event by id counts.
received as (
    select
        customer_id,
        min_by(persona, (occurred_at, event_id)) as persona
    from interactions
    where
        event_type = 'add_wecom'
        and customer_id is not null
        and persona is not null
    group by customer_id
)

select * from received
