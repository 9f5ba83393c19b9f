-- grain: one row per scored day, customer and RFM metric: its value and standing
{{ config(materialized='view') }}
with inputs as (
    select * from {{ ref('int_rfm_inputs') }}
),

scoring as (
    select * from {{ ref('rfm_scoring') }}
),

metric_values as (
    select
        as_of_date,
        customer_id,
        'recency' as metric,
        cast(recency_days as decimal(18, 2)) as metric_value
    from inputs
    union all
    select
        as_of_date,
        customer_id,
        'frequency' as metric,
        cast(frequency as decimal(18, 2)) as metric_value
    from inputs
    union all
    select
        as_of_date,
        customer_id,
        'monetary' as metric,
        monetary as metric_value
    from inputs
),

by_value as (
    select
        metric_values.as_of_date,
        metric_values.customer_id,
        metric_values.metric,
        metric_values.metric_value,
        cast(metric_values.metric_value as double) as standing
    from metric_values
    inner join scoring on metric_values.metric = scoring.metric
    where scoring.method <> 'rank'
),

by_rank as (
    select
        metric_values.as_of_date,
        metric_values.customer_id,
        metric_values.metric,
        metric_values.metric_value,
        cast(
            row_number() over (
                partition by metric_values.as_of_date, metric_values.metric
                order by metric_values.metric_value asc, metric_values.customer_id asc
            ) as double
        ) as standing
    from metric_values
    inner join scoring on metric_values.metric = scoring.metric
    where scoring.method = 'rank'
),

standings as (
    select * from by_value
    union all
    select * from by_rank
)

select * from standings
