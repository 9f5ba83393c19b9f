-- Unless ranks are scored, customers with the same value have the same score.
with metric_scores as (
    select * from {{ ref('int_rfm_metric_scores') }}
),

scoring as (
    select * from {{ ref('rfm_scoring') }}
)

select
    metric_scores.as_of_date,
    metric_scores.metric,
    metric_scores.metric_value,
    min(metric_scores.score) as lowest_score,
    max(metric_scores.score) as highest_score
from metric_scores
inner join scoring on metric_scores.metric = scoring.metric
where scoring.method <> 'rank'
group by metric_scores.as_of_date, metric_scores.metric, metric_scores.metric_value
having min(metric_scores.score) <> max(metric_scores.score)
