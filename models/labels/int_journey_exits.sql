-- grain: one row per touch in its window whose customer has left the journey
with due as (
    select * from {{ ref('int_journey_due') }}
),

steps as (
    select * from {{ ref('journey_steps') }}
),

orders as (
    select * from {{ ref('int_order_kinds') }}
),

interaction_days as (
    select * from {{ ref('int_interaction_days') }}
),

-- Posts are no rows of journey_steps: whatever ends a step of the journey ends them.
exits as (
    select
        due.touch_id,
        due.customer_id,
        due.anchor,
        due.anchor_date,
        concat('|', steps.exit_when, '|') as exit_when
    from due
    inner join steps
        on due.journey = steps.journey and (due.step = steps.step or due.is_post)
    where steps.exit_when is not null
),

facts as (
    select
        customer_id,
        'first_order' as exit_kind,
        min(order_date) as day
    from orders
    group by customer_id
    union all
    select
        customer_id,
        'new_order' as exit_kind,
        order_date as day
    from orders
    union all
    select
        customer_id,
        'full_size_order' as exit_kind,
        order_date as day
    from orders
    where not is_sample_order
    union all
    select
        customer_id,
        behavior as exit_kind,
        day
    from interaction_days
    where behavior in ('complaint', 'unsubscribe') and day <= {{ as_of_date() }}
),

-- Who has ever bought is no new customer. An order that starts a clock does not end it.
left_journeys as (
    select
        exits.touch_id,
        min(facts.day) as left_on,
        min_by(facts.exit_kind, (facts.day, facts.exit_kind)) as exit_kind
    from exits
    inner join facts on exits.customer_id = facts.customer_id
    where
        instr(exits.exit_when, concat('|', facts.exit_kind, '|')) > 0
        and (
            facts.exit_kind = 'first_order'
            or facts.day > exits.anchor_date
            or (
                facts.day = exits.anchor_date
                and case facts.exit_kind
                    when 'new_order' then exits.anchor in ('joined', 'wecom_added')
                    when 'full_size_order'
                        then exits.anchor not in ('ordered', 'full_size_ordered')
                    else true
                end
            )
        )
    group by exits.touch_id
)

select * from left_journeys
