-- grain: one row per RFM segment of the rules, with or without customers
with scores as (
    select * from {{ ref('rfm_scores') }}
),

segments as (
    select * from {{ ref('rfm_segments') }}
),

named as (
    select
        segment,
        min(priority) as priority,
        min_by(value_tier, priority) as value_tier,
        min_by(label_en, priority) as label_en,
        min_by(label_zh, priority) as label_zh
    from segments
    group by segment
),

counted as (
    select
        rfm_segment as segment,
        count(*) as customers,
        cast(sum(monetary) as decimal(18, 2)) as monetary,
        sum(cast(recency_days as double)) / count(*) as mean_recency_days,
        sum(cast(frequency as double)) / count(*) as mean_frequency,
        cast(sum(monetary) as double) / count(*) as mean_monetary
    from scores
    group by rfm_segment
),

listed as (
    select segment from named
    union
    select segment from counted
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        listed.segment,
        named.priority,
        named.value_tier,
        coalesce(named.label_en, listed.segment) as label_en,
        coalesce(named.label_zh, listed.segment) as label_zh,
        coalesce(counted.customers, 0) as customers,
        coalesce(counted.monetary, cast(0 as decimal(18, 2))) as monetary,
        counted.mean_recency_days,
        counted.mean_frequency,
        counted.mean_monetary
    from listed
    left join named on listed.segment = named.segment
    left join counted on listed.segment = counted.segment
)

select * from final
