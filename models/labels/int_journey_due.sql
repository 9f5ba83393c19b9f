-- grain: one row per customer and step that is due or in its grace days, and not sent
{% set weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] %}
with journey_steps as (
    select * from {{ ref('journey_steps') }}
),

calendar as (
    select * from {{ ref('moments_calendar') }}
),

entries as (
    select * from {{ ref('int_journey_entries') }}
),

contacts as (
    select * from {{ ref('int_contacts') }}
),

journeys as (
    select
        journey,
        min(anchor) as anchor
    from journey_steps
    group by journey
),

-- The days on which the clock of whoever is to get the step now has started. 1970-01-05
-- was a Monday; week 1 of a calendar are the seven days from the anchor on.
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
    union all
    select
        calendar.journey,
        concat(
            '{{ var("moments_step_prefix") }}', calendar.week, '_', calendar.weekday
        ) as step,
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

clocks as (
    select
        customer_id,
        anchor,
        anchor_date,
        'fixed' as offset_mode,
        anchor_date as clock_date
    from entries
    union all
    select
        customer_id,
        anchor,
        anchor_date,
        'replenishment' as offset_mode,
        runs_out_on as clock_date
    from entries
    where runs_out_on is not null
),

due as (
    select
        clocks.customer_id,
        steps.journey,
        steps.step,
        steps.is_post,
        clocks.anchor,
        clocks.anchor_date,
        case
            when steps.is_post then {{ as_of_date() }}
            else clocks.clock_date + steps.offset_days
        end as due_date,
        steps.grace_days,
        steps.channel,
        steps.content_key,
        steps.offer_key,
        steps.priority,
        steps.label_en,
        steps.label_zh
    from clocks
    inner join steps
        on
            clocks.anchor = steps.anchor
            and clocks.offset_mode = steps.offset_mode
            and clocks.clock_date >= steps.clock_from
            and clocks.clock_date <= steps.clock_until
),

-- A customer joins once; where a clock may start again, its day tells the times apart.
-- Before the order itself nobody is told that its goods run out.
named as (
    select
        concat(
            step,
            '-',
            customer_id,
            case
                when anchor = 'joined' then ''
                else concat('-', replace(cast(anchor_date as string), '-', ''))
            end
        ) as touch_id,
        *
    from due
    where due_date >= anchor_date
),

-- What has failed has not been sent, and may be tried again.
sent as (
    select distinct touch_id
    from contacts
    where touch_id is not null and coalesce(outcome, 'sent') <> 'failed'
),

unsent as (
    select named.*
    from named
    anti join sent on named.touch_id = sent.touch_id
)

select * from unsent
