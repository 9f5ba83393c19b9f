-- grain: one row per customer, condition and longest span of days on which it holds
with segments as (
    select * from {{ ref('int_aipl_segments') }}
),

-- Spans of one condition begin and end in the same order: where one begins after the
-- one before has ended, there is a gap.
edges as (
    select
        *,
        coalesce(hold_from > lag(hold_until) over by_day, true) as is_first,
        coalesce(hold_until < lead(hold_from) over by_day, true) as is_last
    from segments
    window
        by_day as (
            partition by customer_id, condition_key
            order by hold_from asc, hold_until asc
        )
),

ends as (
    select
        *,
        case
            when is_last then hold_until
            else lead(hold_until) over (
                partition by customer_id, condition_key
                order by hold_from asc, is_first desc
            )
        end as last_until
    from edges
    where is_first or is_last
),

spans as (
    select
        customer_id,
        condition_key,
        hold_from,
        last_until as hold_until
    from ends
    where is_first
)

select * from spans
