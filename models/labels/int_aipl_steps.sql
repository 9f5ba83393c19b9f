-- grain: one row per customer whose stages are found anew, and span of one stage
with holds as (
    select * from {{ ref('int_aipl_holds') }}
),

changed as (
    select * from {{ ref('int_aipl_changed') }}
),

points as (
    select
        customer_id,
        hold_from as on_day,
        stage,
        1 as change
    from holds
    union all
    select
        customer_id,
        hold_until as on_day,
        stage,
        -1 as change
    from holds
),

daily as (
    select
        customer_id,
        on_day,
        sum(case when stage = 'A' then change else 0 end) as a,
        sum(case when stage = 'I' then change else 0 end) as i,
        sum(case when stage = 'P' then change else 0 end) as p,
        sum(case when stage = 'L' then change else 0 end) as l
    from points
    group by customer_id, on_day
),

held as (
    select
        customer_id,
        on_day as valid_from,
        sum(a) over by_day as a,
        sum(i) over by_day as i,
        sum(p) over by_day as p,
        sum(l) over by_day as l
    from daily
    window by_day as (partition by customer_id order by on_day asc)
),

staged as (
    select
        customer_id,
        valid_from,
        case
            when l > 0 then 'L'
            when p > 0 then 'P'
            when i > 0 then 'I'
            when a > 0 then 'A'
            else 'none'
        end as stage
    from held
),

compared as (
    select
        *,
        lag(stage, 1, 'none') over (
            partition by customer_id
            order by valid_from asc
        ) as previous_stage
    from staged
),

-- The sums fall to zero in the end: every step ends with the next change.
changes as (
    select
        customer_id,
        stage,
        valid_from,
        lead(valid_from) over (
            partition by customer_id
            order by valid_from asc
        ) as valid_to
    from compared
    where stage <> previous_stage
),

steps as (
    select
        changes.customer_id,
        changes.stage,
        coalesce(
            greatest(changes.valid_from, changed.from_day), changes.valid_from
        ) as valid_from,
        changes.valid_to
    from changes
    inner join changed on changes.customer_id = changed.customer_id
    where
        changes.stage <> 'none'
        and (changed.from_day is null or changes.valid_to > changed.from_day)
)

select * from steps
