-- grain: one row per customer, attribute of behaviour and period of a value or growth
{{ config(materialized='view') }}
{#- An attribute has a value, or grows by one a day from 0 on the day grows_from. Only
    of the customers whose labels this build finds, of the attributes that rules name. #}
with customers as (
    select * from {{ ref('int_rule_customers') }}
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

customer_days as (
    select days.*
    from {{ ref('int_customer_days') }} as days
    semi join customers on days.customer_id = customers.customer_id
    where days.day <= {{ as_of_date() }}
),

scene_days as (
    select days.*
    from {{ ref('int_scene_days') }} as days
    semi join customers on days.customer_id = customers.customer_id
    where days.day <= {{ as_of_date() }}
),

orders as (
    select orders.*
    from {{ ref('fct_orders') }} as orders
    semi join customers on orders.customer_id = customers.customer_id
),

-- What counts what: events of a behaviour, of a scene, or points of contribution.
counted as (
    select
        customer_days.customer_id,
        named.attribute,
        customer_days.day + named.days_before as day,
        named.window_days,
        customer_days.events as amount
    from customer_days
    inner join named on customer_days.behavior = named.behavior
    where named.family like 'count%'
    union all
    select
        customer_days.customer_id,
        'contribution_points' as attribute,
        customer_days.day,
        cast(null as int) as window_days,
        customer_days.events * points.points as amount
    from customer_days
    inner join {{ ref('contribution_points') }} as points
        on customer_days.behavior = points.behavior
    union all
    select
        scene_days.customer_id,
        named.attribute,
        scene_days.day,
        cast(null as int) as window_days,
        scene_days.events as amount
    from scene_days
    inner join named on scene_days.scene = named.behavior and named.family = 'scene'
),

counts as (
    select attribute
    from named
    where family like 'count%' or family = 'scene'
    union
    select 'contribution_points' as attribute
),

-- A count changes on the day of a fact and when that is out of the window; everybody
-- has a count of zero to begin with. Days before the ledger are summed up in its first.
count_changes as (
    select
        customer_id,
        attribute,
        greatest(day, {{ ledger_start() }}) as on_day,
        amount
    from counted
    union all
    select
        customer_id,
        attribute,
        greatest(day + window_days, {{ ledger_start() }}) as on_day,
        -amount as amount
    from counted
    where window_days is not null
    union all
    select
        customers.customer_id,
        counts.attribute,
        greatest(customers.known_from, {{ ledger_start() }}) as on_day,
        0 as amount
    from customers
    cross join counts
),

daily as (
    select
        customer_id,
        attribute,
        on_day,
        sum(amount) as amount
    from count_changes
    group by customer_id, attribute, on_day
),

-- What customers are idle since; what is done to them is no behaviour of theirs.
last_times as (
    select
        customer_days.customer_id,
        named.attribute,
        customer_days.day
    from customer_days
    inner join named
        on customer_days.behavior = named.behavior and named.family = 'days_since'
    union all
    select
        customer_id,
        'days_silent' as attribute,
        day
    from customer_days
    union all
    select
        customer_id,
        'days_silent' as attribute,
        order_date as day
    from orders
    union all
    select
        customer_id,
        'days_silent' as attribute,
        coalesce(first_seen_date, cast('1970-01-01' as date)) as day
    from customers
    union all
    select
        customer_id,
        'days_idle' as attribute,
        day
    from customer_days
    where behavior not in ({{ text_list(var('passive_events')) }})
),

-- Of the days before the ledger only the last one matters.
growth_days as (
    select distinct
        customer_id,
        attribute,
        day
    from last_times
    where day > {{ ledger_start() }}
    union all
    select
        customer_id,
        attribute,
        max(day) as day
    from last_times
    where day <= {{ ledger_start() }}
    group by customer_id, attribute
),

periods as (
    select
        customer_id,
        attribute,
        cast(cast(sum(amount) over by_day as bigint) as string) as value,
        cast(null as date) as grows_from,
        on_day as valid_from,
        coalesce(lead(on_day) over by_day, {{ forever() }}) as valid_to
    from daily
    window by_day as (partition by customer_id, attribute order by on_day asc)
    union all
    select
        customer_id,
        attribute,
        cast(null as string) as value,
        day as grows_from,
        day as valid_from,
        coalesce(
            lead(day) over (partition by customer_id, attribute order by day asc),
            {{ forever() }}
        ) as valid_to
    from growth_days
)

select * from periods
