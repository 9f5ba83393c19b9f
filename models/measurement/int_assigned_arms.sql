-- grain: one row per experiment run elsewhere and customer assigned to an arm of it
with assignments as (
    select * from {{ ref('stg_assignments') }}
),

-- Whoever was put into two arms stays in the first.
ranked as (
    select
        experiment,
        customer_id,
        arm,
        assigned_at,
        assigned_date,
        row_number() over (
            partition by experiment, customer_id
            order by assigned_at asc, arm asc
        ) as place
    from assignments
),

customer_arms as (
    select
        experiment,
        customer_id,
        cast(count(distinct arm) as int) as arms
    from assignments
    group by experiment, customer_id
),

experiments as (
    select
        experiment,
        cast(1 as double) / count(distinct arm) as planned_share
    from ranked
    where place = 1
    group by experiment
),

assigned as (
    select
        ranked.experiment,
        ranked.customer_id,
        ranked.arm,
        'assignment' as assigned_by,
        ranked.assigned_date as assigned_on,
        experiments.planned_share,
        customer_arms.arms,
        ranked.assigned_at - {{ outcome_window() }} as before_at,
        ranked.assigned_at,
        ranked.assigned_at + {{ outcome_window() }} as ends_at
    from ranked
    inner join experiments on ranked.experiment = experiments.experiment
    inner join customer_arms
        on
            ranked.experiment = customer_arms.experiment
            and ranked.customer_id = customer_arms.customer_id
    where ranked.place = 1
)

select * from assigned
