-- grain: one row per scored day and customer, with the named segment of that day
{{ config(materialized='view') }}
with scores as (
    select * from {{ ref('int_rfm_scores') }}
),

cells as (
    select * from {{ ref('int_rfm_segment_cells') }}
),

labels as (
    select
        scores.as_of_date,
        scores.customer_id,
        scores.recency_days,
        concat(
            'R',
            cast(scores.r_score as string),
            'F',
            cast(scores.f_score as string),
            'M',
            cast(scores.m_score as string)
        ) as code,
        cells.rfm_segment
    from scores
    inner join cells
        on
            scores.r_score = cells.r_score
            and scores.f_score = cells.f_score
            and scores.m_score = cells.m_score
)

select * from labels
