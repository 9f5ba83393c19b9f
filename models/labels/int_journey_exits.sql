-- grain: one row per touch in its window whose customer has left the journey
with due as (
    select * from {{ ref('int_journey_due') }}
),

exits as (
    select * from {{ ref('int_journey_step_exits') }}
),

orders as (
    select * from {{ ref('int_order_kinds') }}
),

interaction_days as (
    select * from {{ ref('int_interaction_days') }}
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
        due.touch_id,
        min(facts.day) as left_on,
        min_by(facts.exit_kind, (facts.day, facts.exit_kind)) as exit_kind
    from due
    inner join exits on due.journey = exits.journey and due.step = exits.step
    inner join facts
        on
            due.customer_id = facts.customer_id
            and exits.exit_kind = facts.exit_kind
    where
        facts.exit_kind = 'first_order'
        or facts.day > due.anchor_date
        or (
            facts.day = due.anchor_date
            and case facts.exit_kind
                when 'new_order' then due.anchor in ('joined', 'wecom_added')
                when 'full_size_order'
                    then due.anchor not in ('ordered', 'full_size_ordered')
                else true
            end
        )
    group by due.touch_id
)

select * from left_journeys
