-- grain: one row per dimension, value of it and link of the chain
with customers as (
    select * from {{ ref('customer_chain') }}
),

steps as (
    select * from {{ ref('int_chain_steps') }}
),

dimensions as (
    select listed.dimension
    from (
        values ('channel'), ('persona'), ('campaign'), ('cohort_month')
    ) as listed (dimension)
),

valued as (
    select
        customers.customer_id,
        dimensions.dimension,
        coalesce(
            case dimensions.dimension
                when 'channel' then customers.channel
                when 'persona' then customers.persona
                when 'campaign' then customers.campaign_id
                when 'cohort_month' then cast(customers.cohort_month as string)
            end, 'unknown'
        ) as value
    from customers
    cross join dimensions
),

counted as (
    select
        valued.dimension,
        valued.value,
        steps.link_no,
        steps.link,
        count(*) filter (where steps.is_passed) as passed,
        count(*) filter (where steps.has_entered) as entered,
        count(*) filter (where steps.has_converted) as converted,
        percentile_cont(0.5) within group (order by steps.days_from_previous)
            as median_days
    from valued
    inner join steps on valued.customer_id = steps.customer_id
    group by valued.dimension, valued.value, steps.link_no, steps.link
),

rated as (
    select
        dimension,
        value,
        link_no,
        link,
        passed,
        entered,
        converted,
        cast(converted as double) / nullif(entered, 0) as rate,
        cast(median_days as double) as median_days
    from counted
)

select * from rated
