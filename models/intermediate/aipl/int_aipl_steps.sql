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
        lead(on_day) over by_day as valid_to,
        sum(a) over by_day as a,
        sum(i) over by_day as i,
        sum(p) over by_day as p,
        sum(l) over by_day as l
    from daily
    window by_day as (partition by customer_id order by on_day asc)
),

staged as (
    select
        held.customer_id,
        case
            when held.l > 0 then 'L'
            when held.p > 0 then 'P'
            when held.i > 0 then 'I'
            when held.a > 0 then 'A'
        end as stage,
        coalesce(
            greatest(held.valid_from, changed.from_day), held.valid_from
        ) as valid_from,
        held.valid_to
    from held
    inner join changed on held.customer_id = changed.customer_id
    where changed.from_day is null or held.valid_to > changed.from_day
),

steps as (
    select *
    from staged
    where stage is not null
)

select * from steps
