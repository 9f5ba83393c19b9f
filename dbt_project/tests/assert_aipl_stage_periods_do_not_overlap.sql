-- A customer is in one stage at a time, and two periods of one stage do not touch.
with periods as (
    select * from {{ ref('aipl_stage_history') }}
),

neighbours as (
    select
        *,
        lead(stage) over by_day as next_stage,
        lead(valid_from) over by_day as next_from
    from periods
    window by_day as (partition by customer_id order by valid_from asc)
)

select *
from neighbours
where
    valid_to <= valid_from
    or next_from < valid_to
    or (valid_to is null and next_from is not null)
    or (next_from = valid_to and next_stage = stage)
