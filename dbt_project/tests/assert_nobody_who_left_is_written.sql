-- No touch is sent or put off for somebody who has left: after a first order the
-- new-customer journey is over, and a complaint since the anchor ends what exits on it.
{% set posts = var('moments_step_prefix') ~ '%' %}
with touches as (
    select *
    from {{ ref('journey_touches') }}
    where decision in ('send', 'defer')
),

steps as (
    select * from {{ ref('journey_steps') }}
),

customers as (
    select * from {{ ref('dim_customer') }}
),

interaction_days as (
    select * from {{ ref('int_interaction_days') }}
),

bought as (
    select
        touches.touch_id,
        'first_order' as exit_kind,
        customers.first_order_date as left_on
    from touches
    inner join customers on touches.customer_id = customers.customer_id
    where customers.first_order_date is not null
),

spoke as (
    select
        touches.touch_id,
        interaction_days.behavior as exit_kind,
        interaction_days.day as left_on
    from touches
    inner join interaction_days
        on
            touches.customer_id = interaction_days.customer_id
            and touches.anchor_date <= interaction_days.day
    where
        interaction_days.behavior in ('complaint', 'unsubscribe')
        and interaction_days.day <= {{ as_of_date() }}
),

facts as (
    select * from bought
    union all
    select * from spoke
)

select
    touches.touch_id,
    touches.journey,
    facts.exit_kind,
    facts.left_on
from touches
inner join facts on touches.touch_id = facts.touch_id
inner join steps
    on
        touches.journey = steps.journey
        and (touches.step = steps.step or touches.step like '{{ posts }}')
where instr(concat('|', steps.exit_when, '|'), concat('|', facts.exit_kind, '|')) > 0
