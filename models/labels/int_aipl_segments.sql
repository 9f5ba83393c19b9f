-- grain: one row per customer, condition and span of days on which the condition holds
with facts as (
    select * from {{ ref('int_aipl_facts') }}
),

counted as (
    select distinct
        condition_key,
        least_events,
        least_days,
        least_amount
    from {{ ref('int_aipl_conditions') }}
    where not is_simple
),

-- What a trailing window holds changes on the day of a fact, which comes in, and
-- window_days later, when it is out.
points as (
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
    from points
    group by customer_id, condition_key, on_day
),

windows as (
    select
        customer_id,
        condition_key,
        on_day as hold_from,
        sum(events) over by_day as events,
        sum(days) over by_day as days,
        sum(amount) over by_day as amount,
        lead(on_day) over by_day as hold_until
    from daily
    window by_day as (partition by customer_id, condition_key order by on_day asc)
),

segments as (
    select
        windows.customer_id,
        windows.condition_key,
        windows.hold_from,
        windows.hold_until
    from windows
    inner join counted on windows.condition_key = counted.condition_key
    where
        windows.events >= counted.least_events
        and windows.days >= counted.least_days
        and (counted.least_amount is null or windows.amount >= counted.least_amount)
    union all
    select
        customer_id,
        condition_key,
        day as hold_from,
        day + window_days as hold_until
    from facts
    where is_simple
)

select * from segments
