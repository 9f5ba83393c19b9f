-- grain: one row per scored day, customer and RFM metric, with its score and distance
with standings as (
    select * from {{ ref('int_rfm_values') }}
),

cuts as (
    select * from {{ ref('int_rfm_cuts') }}
),

thresholds as (
    select
        as_of_date,
        metric,
        min(threshold) filter (where cut = 1) as cut_1,
        min(threshold) filter (where cut = 2) as cut_2,
        min(threshold) filter (where cut = 3) as cut_3,
        min(threshold) filter (where cut = 4) as cut_4
    from cuts
    group by as_of_date, metric
),

counted as (
    select
        standings.as_of_date,
        standings.customer_id,
        standings.metric,
        standings.metric_value,
        case when thresholds.cut_1 < standings.standing then 1 else 0 end
        + case when thresholds.cut_2 < standings.standing then 1 else 0 end
        + case when thresholds.cut_3 < standings.standing then 1 else 0 end
        + case when thresholds.cut_4 < standings.standing then 1 else 0 end
            as cuts_below
    from standings
    inner join thresholds
        on
            standings.as_of_date = thresholds.as_of_date
            and standings.metric = thresholds.metric
),

-- Cut points ascend, so the next one to pass is known by its number.
scored as (
    select
        *,
        case metric when 'recency' then 5 - cuts_below else 1 + cuts_below end as score,
        case metric when 'recency' then cuts_below else 1 + cuts_below end as next_cut
    from counted
),

-- Ranks go by (value, customer_id): who is on the wrong side of the customer that holds
-- the rank to reach needs one step more than an equal value.
targeted as (
    select
        scored.as_of_date,
        scored.customer_id,
        scored.metric,
        scored.metric_value,
        scored.score,
        case
            when scored.metric = 'recency'
                then cuts.better_value - case
                    when scored.customer_id >= cuts.better_customer_id then cuts.step
                    else 0
                end
            else cuts.better_value + case
                when scored.customer_id <= cuts.better_customer_id then cuts.step
                else 0
            end
        end as target_value
    from scored
    left join cuts
        on
            scored.as_of_date = cuts.as_of_date
            and scored.metric = cuts.metric
            and scored.next_cut = cuts.cut
),

-- Nobody can have bought in the future: a recency below zero is out of reach.
distances as (
    select
        as_of_date,
        customer_id,
        metric,
        metric_value,
        score,
        cast(
            case
                when target_value >= 0 then abs(target_value - metric_value)
            end as decimal(18, 2)
        ) as to_next_score
    from targeted
)

select * from distances
