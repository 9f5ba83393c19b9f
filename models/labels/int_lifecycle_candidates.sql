-- grain: one row per customer, rule and period in which days alone decide if it holds
{{ config(materialized='view') }}
with spells as (
    select * from {{ ref('int_lifecycle_spells') }}
),

intervals as (
    select * from {{ ref('int_lifecycle_intervals') }}
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
        spells.customer_id,
        spells.orders,
        spells.last_order_id,
        spells.last_order_date,
        spells.first_order_date,
        spells.own_interval_days,
        spells.valid_from,
        spells.valid_to,
        rules.state,
        rules.priority,
        rules.min_days_since_last,
        rules.max_days_since_last,
        rules.min_days_since_first,
        rules.max_days_since_first,
        rules.min_gap_ratio,
        rules.max_gap_ratio,
        rules.has_ratio
    from spells
    cross join rules
    where
        (rules.min_orders is null or spells.orders >= rules.min_orders)
        and (rules.max_orders is null or spells.orders <= rules.max_orders)
        and (
            rules.min_previous_gap_days is null
            or spells.previous_gap_days >= rules.min_previous_gap_days
        )
        and (
            rules.min_avg_amount is null
            or spells.amount >= rules.min_avg_amount * spells.orders
        )
        and (
            rules.max_avg_amount is null
            or spells.amount <= rules.max_avg_amount * spells.orders
        )
        and (spells.orders > 0 or not (rules.has_days or rules.has_ratio))
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
)

select * from candidates
