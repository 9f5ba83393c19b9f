-- grain: one row per touch in its window whose customer has left the journey
{% set kinds = ['first_order', 'new_order', 'full_size_order', 'complaint', 'unsubscribe'] %}
{% set order_anchors = "('ordered', 'sample_ordered', 'full_size_ordered')" %}
with due as (
    select * from {{ ref('int_journey_due') }}
),

journey_steps as (
    select * from {{ ref('journey_steps') }}
),

posts as (
    select *
    from {{ ref('int_journey_steps') }}
    where is_post
),

orders as (
    select * from {{ ref('int_order_kinds') }}
),

interaction_days as (
    select * from {{ ref('int_interaction_days') }}
),

listed as (
    {% for kind in kinds %}
        select
            journey,
            step,
            '{{ kind }}' as exit_kind
        from journey_steps
        where instr(concat('|', exit_when, '|'), '|{{ kind }}|') > 0
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Whatever ends a step of the journey ends its posts.
exits as (
    select * from listed
    union
    select
        posts.journey,
        posts.step,
        listed.exit_kind
    from posts
    inner join listed on posts.journey = listed.journey
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

-- Who has ever bought is no new customer. The order that starts a clock does not end it.
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
            and (facts.exit_kind <> 'new_order' or due.anchor not in {{ order_anchors }})
            and (
                facts.exit_kind <> 'full_size_order'
                or due.anchor <> 'full_size_ordered'
            )
        )
    group by due.touch_id
)

select * from left_journeys
