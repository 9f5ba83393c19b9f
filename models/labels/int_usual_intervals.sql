-- grain: one row per period in which the median gap of the whole shop was the same
with purchases as (
    select * from {{ ref('int_purchase_days') }}
),

-- A gap is there from the order that ends it on.
histogram as (
    select
        greatest(day, {{ ledger_start() }}) as day,
        gap_days,
        count(*) as gaps
    from purchases
    where gap_days is not null
    group by greatest(day, {{ ledger_start() }}), gap_days
),

days as (
    select distinct day
    from histogram
),

known as (
    select
        days.day,
        histogram.gap_days,
        sum(histogram.gaps) as gaps
    from days
    cross join histogram
    where histogram.day <= days.day
    group by days.day, histogram.gap_days
),

counted as (
    select
        day,
        gap_days,
        sum(gaps) over (partition by day order by gap_days asc) as gaps_up_to,
        sum(gaps) over (partition by day) as all_gaps
    from known
),

-- The two in the middle, which are one where their number is odd.
medians as (
    select
        day,
        cast(
            (
                min(gap_days) filter (where gaps_up_to * 2 >= all_gaps)
                + min(gap_days) filter (where gaps_up_to * 2 > all_gaps)
            ) / 2 as decimal(18, 1)
        ) as interval_days
    from counted
    group by day
),

compared as (
    select
        *,
        lag(interval_days) over (order by day asc) as previous_interval_days
    from medians
),

-- The median of the ledger's first day stands for all days before, which only tell
-- since when a state of that day has held.
periods as (
    select
        case
            when day = {{ ledger_start() }} then cast('0001-01-01' as date)
            else day
        end as valid_from,
        lead(day, 1, {{ forever() }}) over by_day as valid_to,
        interval_days,
        lead(interval_days) over by_day as next_interval_days
    from compared
    where interval_days is distinct from previous_interval_days
    window by_day as (order by day asc)
)

select * from periods
