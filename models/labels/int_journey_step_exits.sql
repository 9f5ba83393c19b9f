-- grain: one row per step of a journey and what ends the journey before it
{% set kinds = [
    'first_order', 'new_order', 'full_size_order', 'complaint', 'unsubscribe',
] %}
with journey_steps as (
    select * from {{ ref('journey_steps') }}
),

posts as (
    select *
    from {{ ref('int_journey_steps') }}
    where is_post
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
)

select * from exits
