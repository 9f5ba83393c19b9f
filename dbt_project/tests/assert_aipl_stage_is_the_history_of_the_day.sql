-- The stage of a customer is the stay that goes on on the as-of date, or none.
with stages as (
    select * from {{ ref('aipl_stage') }}
),

stays as (
    select *
    from {{ ref('aipl_stage_history') }}
    where valid_to is null
)

select
    stages.customer_id,
    stages.stage,
    stages.since_date,
    stays.stage as history_stage,
    stays.valid_from
from stages
full join stays on stages.customer_id = stays.customer_id
where
    stages.customer_id is null
    or coalesce(stays.stage, 'none') <> stages.stage
    or (stays.stage is not null and stays.valid_from <> stages.since_date)
    or stages.lapses_on <= stages.as_of_date
    or (stages.stage = 'none') <> (stages.lapses_on is null)
    or stages.lapses_to = stages.stage
