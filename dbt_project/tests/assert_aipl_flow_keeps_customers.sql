-- The two conservation laws of the flow: over all to_stages it has the customers who
-- were in from_stage on from_date, over all from_stages those in to_stage on to_date.
with flow as (
    select * from {{ ref('aipl_flow') }}
),

stays as (
    select * from {{ ref('aipl_stage_history') }}
),

customers as (
    select * from {{ ref('dim_customer') }}
),

comparisons as (
    select distinct
        from_date,
        to_date
    from flow
),

days as (
    select
        from_date as on_day,
        from_date,
        to_date
    from comparisons
    union all
    select
        to_date as on_day,
        from_date,
        to_date
    from comparisons
),

-- Everybody known on to_date is in one stage or none, on either day.
sizes as (
    select
        days.from_date,
        days.on_day = days.from_date as is_before,
        coalesce(stays.stage, 'none') as stage,
        count(*) as customers
    from days
    cross join customers
    left join stays
        on
            customers.customer_id = stays.customer_id
            and days.on_day >= stays.valid_from
            and days.on_day < coalesce(stays.valid_to, cast('9999-12-31' as date))
    group by
        days.from_date,
        days.on_day = days.from_date,
        coalesce(stays.stage, 'none')
),

sums as (
    select
        from_date,
        true as is_before,
        from_stage as stage,
        sum(customers) as customers
    from flow
    group by from_date, from_stage
    union all
    select
        from_date,
        false as is_before,
        to_stage as stage,
        sum(customers) as customers
    from flow
    group by from_date, to_stage
)

select
    sums.from_date,
    sums.is_before,
    sums.stage,
    sums.customers,
    sizes.customers as expected
from sums
full join sizes
    on
        sums.from_date = sizes.from_date
        and sums.is_before = sizes.is_before
        and sums.stage = sizes.stage
where coalesce(sums.customers, 0) <> coalesce(sizes.customers, 0)
