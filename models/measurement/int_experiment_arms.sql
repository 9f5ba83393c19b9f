-- grain: one row per experiment and customer in it
{% set days = var('outcome_window_days') | int %}
with assignments as (
    select * from {{ ref('stg_assignments') }}
),

holdouts as (
    select * from {{ ref('int_holdouts') }}
),

customers as (
    select * from {{ ref('dim_customer') }}
),

touches as (
    select * from {{ ref('int_touch_outcomes') }}
),

-- Of several assignments of a customer the first counts.
ranked as (
    select
        *,
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

planned as (
    select
        experiment,
        cast(1 as double) / count(distinct arm) as planned_share
    from ranked
    where place = 1
    group by experiment
),

-- The one window in which everybody in a holdout is followed: the last days.
window_days as (
    select
        {{ as_of_date() }} - {{ days }} + 1 as first_day,
        {{ local_midnight(as_of_date() ~ ' - ' ~ (2 * days - 1)) }} as before_at,
        {{ local_midnight(as_of_date() ~ ' - ' ~ (days - 1)) }} as starts_at,
        {{ local_midnight(as_of_date() ~ ' + 1') }} as ends_at
),

-- Where nothing was sent there is nothing that a holdout was left out of.
measured as (
    select window_days.*
    from window_days
    semi join touches on window_days.first_day <= touches.sent_date
),

arms as (
    select
        ranked.experiment,
        ranked.customer_id,
        ranked.arm,
        'assignment' as assigned_by,
        ranked.assigned_date as assigned_on,
        planned.planned_share,
        customer_arms.arms,
        ranked.assigned_at - {{ outcome_window() }} as before_at,
        ranked.assigned_at,
        ranked.assigned_at + {{ outcome_window() }} as ends_at
    from ranked
    inner join planned on ranked.experiment = planned.experiment
    inner join customer_arms
        on
            ranked.experiment = customer_arms.experiment
            and ranked.customer_id = customer_arms.customer_id
    where ranked.place = 1
    union all
    -- An experiment run elsewhere goes before a holdout of the same name.
    select
        holdouts.holdout as experiment,
        holdouts.customer_id,
        case when holdouts.is_held_out then 'control' else 'treated' end as arm,
        'holdout' as assigned_by,
        measured.first_day as assigned_on,
        case
            when holdouts.is_held_out then holdouts.share
            else 1 - holdouts.share
        end as planned_share,
        cast(1 as int) as arms,
        measured.before_at,
        measured.starts_at as assigned_at,
        measured.ends_at
    from holdouts
    inner join customers on holdouts.customer_id = customers.customer_id
    inner join measured on customers.first_seen_at < measured.starts_at
    anti join assignments on holdouts.holdout = assignments.experiment
    where holdouts.share > 0
)

select * from arms
