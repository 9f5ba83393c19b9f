-- grain: one row per customer, rule for a state and period in which it holds
with purchase_periods as (
    select purchase_periods.*
    from {{ ref('int_purchase_periods') }} as purchase_periods
    semi join {{ ref('int_rule_customers') }} as customers
        on purchase_periods.customer_id = customers.customer_id
),

intervals as (
    select * from {{ ref('int_usual_intervals') }}
),

rules as (
    select
        *,
        min_gap_ratio is not null or max_gap_ratio is not null as has_ratio,
        coalesce(
            min_days_since_last,
            max_days_since_last,
            min_days_since_first,
            max_days_since_first
        ) is not null as has_days
    from {{ ref('lifecycle_rules') }}
),

-- An average or a gap that is not there fulfils no condition.
fitting as (
    select
        purchase_periods.customer_id,
        purchase_periods.orders,
        purchase_periods.last_order_id,
        purchase_periods.last_order_date,
        purchase_periods.first_order_date,
        purchase_periods.own_interval_days,
        purchase_periods.valid_from,
        purchase_periods.valid_to,
        rules.state,
        rules.priority,
        rules.min_days_since_last,
        rules.max_days_since_last,
        rules.min_days_since_first,
        rules.max_days_since_first,
        rules.min_gap_ratio,
        rules.max_gap_ratio,
        rules.has_ratio
    from purchase_periods
    cross join rules
    where
        (rules.min_orders is null or purchase_periods.orders >= rules.min_orders)
        and (rules.max_orders is null or purchase_periods.orders <= rules.max_orders)
        and (
            rules.min_previous_gap_days is null
            or purchase_periods.previous_gap_days >= rules.min_previous_gap_days
        )
        and (
            rules.min_avg_amount is null
            or purchase_periods.amount >= rules.min_avg_amount * purchase_periods.orders
        )
        and (
            rules.max_avg_amount is null
            or purchase_periods.amount <= rules.max_avg_amount * purchase_periods.orders
        )
        and (purchase_periods.orders > 0 or not (rules.has_days or rules.has_ratio))
),

-- The shop's interval counts, as it was on each day, for who has none of their own.
candidates as (
    select
        *,
        own_interval_days as interval_days,
        cast(null as decimal(18, 1)) as next_interval_days,
        valid_from as period_from,
        valid_to as period_until
    from fitting
    where own_interval_days is not null or not has_ratio
    union all
    select
        fitting.*,
        intervals.interval_days,
        intervals.next_interval_days,
        greatest(fitting.valid_from, intervals.valid_from) as period_from,
        least(fitting.valid_to, intervals.valid_to) as period_until
    from fitting
    cross join intervals
    where
        fitting.own_interval_days is null
        and fitting.has_ratio
        and fitting.valid_from < intervals.valid_to
        and fitting.valid_to > intervals.valid_from
),

-- All bounds are counted in days from the last order, or from the beginning of the
-- period where there is none.
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

-- What ends with the purchase period ends by an order, which begins the next one.
periods as (
    select
        customer_id,
        'lifecycle_state' as dimension,
        state as label,
        cast(priority as string) as rule_id,
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
        day_0 + from_days as valid_from,
        day_0 + until_days as valid_to
    from worded
)

select * from periods
