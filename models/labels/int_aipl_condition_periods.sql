-- grain: one row per customer, condition and longest period on which that holds
-- depends_on: {{ ref('int_changed_customers') }}
with customer_days as (
    select *
    from {{ ref('int_customer_days') }}
    where day <= {{ as_of_date() }}
),

conditions as (
    select distinct
        condition_key,
        behavior,
        window_days,
        is_simple,
        least_events,
        least_days,
        least_amount
    from {{ ref('int_aipl_conditions') }}
),

facts as (
    select
        customer_days.customer_id,
        customer_days.day,
        customer_days.events,
        customer_days.amount,
        conditions.condition_key,
        conditions.window_days,
        conditions.is_simple
    from customer_days
    inner join conditions on customer_days.behavior = conditions.behavior
    {% if goes_on(['aipl_rules', 'as_of_date']) %}
        semi join {{ ref('int_changed_customers') }} as changed
            on customer_days.customer_id = changed.customer_id
    {% endif %}
),

-- What a trailing window holds changes on the day of a fact, which comes in, and
-- window_days later, when it is out.
window_changes as (
    select
        customer_id,
        condition_key,
        day as on_day,
        events,
        1 as days,
        amount
    from facts
    where not is_simple
    union all
    select
        customer_id,
        condition_key,
        day + window_days as on_day,
        -events as events,
        -1 as days,
        -amount as amount
    from facts
    where not is_simple
),

daily as (
    select
        customer_id,
        condition_key,
        on_day,
        sum(events) as events,
        sum(days) as days,
        sum(amount) as amount
    from window_changes
    group by customer_id, condition_key, on_day
),

windows as (
    select
        customer_id,
        condition_key,
        on_day as valid_from,
        sum(events) over by_day as events,
        sum(days) over by_day as days,
        sum(amount) over by_day as amount,
        lead(on_day) over by_day as valid_to
    from daily
    window by_day as (partition by customer_id, condition_key order by on_day asc)
),

segments as (
    select
        windows.customer_id,
        windows.condition_key,
        windows.valid_from,
        windows.valid_to
    from windows
    inner join conditions on windows.condition_key = conditions.condition_key
    where
        windows.events >= conditions.least_events
        and windows.days >= conditions.least_days
        and (
            conditions.least_amount is null
            or windows.amount >= conditions.least_amount
        )
    union all
    select
        customer_id,
        condition_key,
        day as valid_from,
        day + window_days as valid_to
    from facts
    where is_simple
),

-- Segments of one condition begin and end in the same order: where one begins after the
-- one before has ended, there is a gap.
edges as (
    select
        *,
        coalesce(valid_from > lag(valid_to) over by_day, true) as is_first,
        coalesce(valid_to < lead(valid_from) over by_day, true) as is_last
    from segments
    window
        by_day as (
            partition by customer_id, condition_key
            order by valid_from asc, valid_to asc
        )
),

ends as (
    select
        *,
        case
            when is_last then valid_to
            else lead(valid_to) over (
                partition by customer_id, condition_key
                order by valid_from asc, is_first desc
            )
        end as last_to
    from edges
    where is_first or is_last
),

periods as (
    select
        customer_id,
        condition_key,
        valid_from,
        last_to as valid_to
    from ends
    where is_first
)

select * from periods
