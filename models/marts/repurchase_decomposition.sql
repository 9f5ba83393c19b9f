-- grain: one row per driver and value among customers of the last two cohorts
with counts as (
    select * from {{ ref('int_repurchase_counts') }}
),

shares as (
    select
        driver,
        value,
        previous_customers,
        previous_repurchased,
        current_customers,
        current_repurchased,
        cast(previous_customers as double)
        / sum(previous_customers) over by_driver as previous_share,
        cast(current_customers as double)
        / sum(current_customers) over by_driver as current_share,
        cast(previous_repurchased as double)
        / nullif(previous_customers, 0) as previous_rate,
        cast(current_repurchased as double)
        / nullif(current_customers, 0) as current_rate,
        cast(sum(previous_repurchased) over by_driver as double)
        / sum(previous_customers) over by_driver as previous_total_rate,
        cast(sum(current_repurchased) over by_driver as double)
        / sum(current_customers) over by_driver as current_total_rate,
        sum(previous_customers) over by_driver as previous_total,
        sum(current_customers) over by_driver as current_total
    from counts
    where previous_customers + current_customers > 0
    window by_driver as (partition by driver)
),

-- A value that one cohort does not have has no rate there: all it changes is the mix.
compared as (
    select
        *,
        coalesce(previous_rate, current_rate) as rate_before,
        coalesce(current_rate, previous_rate) as rate_after
    from shares
    where previous_total > 0 and current_total > 0
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        driver,
        value,
        previous_customers,
        previous_repurchased,
        current_customers,
        current_repurchased,
        previous_share,
        current_share,
        previous_rate,
        current_rate,
        (current_share - previous_share) * (
            (rate_before + rate_after) / 2
            - (previous_total_rate + current_total_rate) / 2
        ) as mix_effect,
        (rate_after - rate_before)
        * (previous_share + current_share) / 2 as rate_effect,
        current_total_rate - previous_total_rate as total_difference
    from compared
)

select * from final
