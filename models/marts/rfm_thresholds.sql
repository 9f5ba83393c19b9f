-- grain: one row per RFM metric and cut point
with cuts as (
    select * from {{ ref('int_rfm_cuts') }}
),

thresholds as (
    select
        as_of_date,
        metric,
        cast(cut as int) as cut,
        threshold,
        method
    from cuts
    where as_of_date = {{ as_of_date() }}
)

select * from thresholds
