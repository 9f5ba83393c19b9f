-- The distance to the next score takes the cut points as ascending.
with thresholds as (
    select
        metric,
        cut,
        threshold,
        lag(threshold) over (partition by metric order by cut asc) as previous
    from {{ ref('rfm_thresholds') }}
)

select *
from thresholds
where threshold < previous
