-- grain: one row per customer, day and attribute that counts something of it
{{ config(materialized='view') }}
with customer_days as (
    select *
    from {{ ref('int_customer_days') }}
    where day <= {{ as_of_date() }}
),

scene_days as (
    select *
    from {{ ref('int_scene_days') }}
    where day <= {{ as_of_date() }}
),

points as (
    select * from {{ ref('contribution_points') }}
),

named as (
    select distinct
        attribute,
        family,
        detail as behavior,
        cast(nullif(regexp_extract(family, '^count_([0-9]+)d', 1), '') as int)
            as window_days,
        coalesce(
            cast(nullif(regexp_extract(family, '_before_([0-9]+)d$', 1), '') as int), 0
        ) as days_before
    from {{ ref('int_rule_attributes') }}
),

counted as (
    select
        attribute,
        behavior,
        window_days,
        days_before,
        1 as points
    from named
    where family like 'count%'
    union all
    select
        'contribution_points' as attribute,
        behavior,
        cast(null as int) as window_days,
        0 as days_before,
        points
    from points
),

facts as (
    select
        customer_days.customer_id,
        customer_days.day + counted.days_before as day,
        counted.attribute,
        counted.window_days,
        customer_days.events * counted.points as amount
    from customer_days
    inner join counted on customer_days.behavior = counted.behavior
    union all
    select
        scene_days.customer_id,
        scene_days.day,
        named.attribute,
        cast(null as int) as window_days,
        scene_days.events as amount
    from scene_days
    inner join named on scene_days.scene = named.behavior
    where named.family = 'scene'
)

select * from facts
