-- grain: one row per scored day and customer with a valid order in the RFM window
with inputs as (
    select * from {{ ref('int_rfm_inputs') }}
),

metric_scores as (
    select * from {{ ref('int_rfm_metric_scores') }}
),

scores as (
    select
        as_of_date,
        customer_id,
        max(score) filter (where metric = 'recency') as r_score,
        max(score) filter (where metric = 'frequency') as f_score,
        max(score) filter (where metric = 'monetary') as m_score,
        max(to_next_score) filter (where metric = 'recency') as r_distance,
        max(to_next_score) filter (where metric = 'frequency') as f_distance,
        max(to_next_score) filter (where metric = 'monetary') as m_distance
    from metric_scores
    group by as_of_date, customer_id
),

joined as (
    select
        inputs.as_of_date,
        inputs.customer_id,
        inputs.recency_days,
        inputs.frequency,
        inputs.monetary,
        cast(scores.r_score as int) as r_score,
        cast(scores.f_score as int) as f_score,
        cast(scores.m_score as int) as m_score,
        cast(scores.r_distance as int) as recency_days_to_next_score,
        cast(scores.f_distance as bigint) as frequency_to_next_score,
        scores.m_distance as monetary_to_next_score
    from inputs
    inner join scores
        on
            inputs.as_of_date = scores.as_of_date
            and inputs.customer_id = scores.customer_id
)

select * from joined
