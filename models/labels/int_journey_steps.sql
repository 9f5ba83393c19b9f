-- grain: one row per step of a journey, posts of the as-of date's weekday included
{% set weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] %}
with journey_steps as (
    select * from {{ ref('journey_steps') }}
),

calendar as (
    select * from {{ ref('moments_calendar') }}
),

journeys as (
    select
        journey,
        min(anchor) as anchor
    from journey_steps
    group by journey
),

steps as (
    select
        journey,
        step,
        anchor,
        offset_mode,
        offset_days,
        grace_days,
        channel,
        content_key,
        offer_key,
        priority,
        label_en,
        label_zh,
        false as is_post,
        {{ as_of_date() }} - offset_days - grace_days as clock_from,
        {{ as_of_date() }} - offset_days as clock_until
    from journey_steps
),

-- 1970-01-05 was a Monday. Week 1 are the seven days from the anchor on.
posts as (
    select
        calendar.journey,
        concat('moments_w', calendar.week, '_', calendar.weekday) as step,
        journeys.anchor,
        'fixed' as offset_mode,
        cast(null as int) as offset_days,
        0 as grace_days,
        'moments' as channel,
        calendar.content_key,
        cast(null as string) as offer_key,
        cast(null as int) as priority,
        calendar.label_en,
        calendar.label_zh,
        true as is_post,
        {{ as_of_date() }} - 7 * calendar.week + 1 as clock_from,
        {{ as_of_date() }} - 7 * calendar.week + 7 as clock_until
    from calendar
    inner join journeys on calendar.journey = journeys.journey
    where
        calendar.weekday
        = case mod(cast({{ as_of_date() }} - cast('1970-01-05' as date) as int), 7)
            {% for weekday in weekdays %}
                when {{ loop.index0 }} then '{{ weekday }}'
            {% endfor %}
        end
),

combined as (
    select * from steps
    union all
    select * from posts
)

select * from combined
