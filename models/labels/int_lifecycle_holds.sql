-- grain: one row per customer, rule and span of days on which it holds
with candidates as (
    select * from {{ ref('int_lifecycle_candidates') }}
),

-- All bounds are counted in days from the last order, or from the beginning of the
-- spell where there is none.
counted as (
    select
        *,
        coalesce(last_order_date, valid_from) as day_0,
        cast(period_from - coalesce(last_order_date, valid_from) as int)
            as period_from_days,
        cast(period_until - coalesce(last_order_date, valid_from) as int)
            as period_until_days,
        max_days_since_last + 1 as last_until_days,
        min_days_since_first - cast(last_order_date - first_order_date as int)
            as first_from_days,
        max_days_since_first + 1 - cast(last_order_date - first_order_date as int)
            as first_until_days,
        cast(ceil(min_gap_ratio * interval_days) as int) as ratio_from_days,
        cast(floor(max_gap_ratio * interval_days) as int) + 1 as ratio_until_days
    from candidates
),

bounded as (
    select
        *,
        greatest(
            period_from_days,
            coalesce(min_days_since_last, period_from_days),
            coalesce(first_from_days, period_from_days),
            coalesce(ratio_from_days, period_from_days)
        ) as from_days,
        least(
            period_until_days,
            coalesce(last_until_days, period_until_days),
            coalesce(first_until_days, period_until_days),
            coalesce(ratio_until_days, period_until_days)
        ) as until_days
    from counted
),

worded as (
    select
        *,
        concat(' days after the order of ', cast(last_order_date as string))
            as after_last,
        concat(' days after the first order, of ', cast(first_order_date as string))
            as after_first,
        concat(
            ' x the usual ', replace(cast(interval_days as string), '.0', '')
        ) as x_interval,
        ' days is the usual interval now' as new_interval
    from bounded
    where from_days < until_days
),

-- What ends with the spell does so by an order, of which the next spell tells.
holds as (
    select
        customer_id,
        state,
        priority,
        case
            when orders = 0 then 'no order yet'
            when from_days = 0 then concat('order ', last_order_id)
            when from_days = min_days_since_last
                then concat(cast(from_days as string), after_last)
            when from_days = first_from_days
                then concat(cast(min_days_since_first as string), after_first)
            when from_days = ratio_from_days
                then concat(
                    cast(cast(min_gap_ratio as double) as string),
                    x_interval,
                    after_last
                )
            else concat(replace(cast(interval_days as string), '.0', ''), new_interval)
        end as cause,
        case
            when day_0 + until_days = valid_to then cast(null as string)
            when until_days = last_until_days
                then concat(cast(until_days as string), after_last)
            when until_days = first_until_days
                then concat(cast(max_days_since_first + 1 as string), after_first)
            when until_days = ratio_until_days
                then concat(
                    'over ',
                    cast(cast(max_gap_ratio as double) as string),
                    x_interval,
                    after_last
                )
            else concat(
                replace(cast(next_interval_days as string), '.0', ''), new_interval
            )
        end as end_cause,
        day_0 + from_days as hold_from,
        day_0 + until_days as hold_until
    from worded
)

select * from holds
