-- grain: one row per scored day, RFM metric and cut point, with what lies beyond it
with standings as (
    select * from {{ ref('int_rfm_values') }}
),

scoring as (
    select * from {{ ref('rfm_scoring') }}
),

quantiles as (
    select
        as_of_date,
        metric,
        percentile_cont(0.2) within group (order by standing) as cut_1,
        percentile_cont(0.4) within group (order by standing) as cut_2,
        percentile_cont(0.6) within group (order by standing) as cut_3,
        percentile_cont(0.8) within group (order by standing) as cut_4
    from standings
    group by as_of_date, metric
),

cut_points as (
    select
        days.as_of_date,
        scoring.metric,
        scoring.cut_1,
        scoring.cut_2,
        scoring.cut_3,
        scoring.cut_4
    from scoring
    cross join {{ ref('int_rfm_days') }} as days
    where scoring.method = 'fixed'
    union all
    select quantiles.*
    from quantiles
    inner join scoring on quantiles.metric = scoring.metric
    where scoring.method <> 'fixed'
),

-- Values are days, orders or cents, so that their fifths need at most three decimals:
-- rounding takes away what interpolating in binary fractions adds, by which a cut among
-- equal values would fall below them.
thresholds as (
    select
        cut_points.as_of_date,
        cut_points.metric,
        scoring.method,
        cuts.cut,
        round(
            cast(
                case cuts.cut
                    when 1 then cut_points.cut_1
                    when 2 then cut_points.cut_2
                    when 3 then cut_points.cut_3
                    else cut_points.cut_4
                end as double
            ), 4
        ) as threshold
    from cut_points
    inner join scoring on cut_points.metric = scoring.metric
    cross join (values (1), (2), (3), (4)) as cuts (cut)
),

-- The smallest step of a value, and the nearest standing on the better side of the cut:
-- for recency fewer days are better, and as many days as the cut are on that side.
bounds as (
    select
        *,
        case metric when 'monetary' then 0.01 else 1.00 end as step,
        case metric
            when 'recency' then floor(threshold)
            else floor(threshold) + 1
        end as better_standing,
        floor(cast(threshold as decimal(18, 4)) * 100) + 1 as better_cents,
        case when method = 'rank' then metric end as ranked_metric
    from thresholds
),

-- Where ranks are scored, the customer who holds that rank has the value to pass.
beyond as (
    select
        bounds.as_of_date,
        bounds.metric,
        bounds.method,
        bounds.cut,
        bounds.threshold,
        cast(bounds.step as decimal(18, 2)) as step,
        cast(
            case
                when bounds.method = 'rank' then standings.metric_value
                when bounds.metric = 'monetary' then bounds.better_cents * 0.01
                else bounds.better_standing
            end as decimal(18, 2)
        ) as better_value,
        standings.customer_id as better_customer_id
    from bounds
    left join standings
        on
            bounds.as_of_date = standings.as_of_date
            and bounds.ranked_metric = standings.metric
            and bounds.better_standing = standings.standing
)

select * from beyond
