-- grain: one row per cohort month, channel and link of the chain
with customers as (
    select * from {{ ref('customer_chain') }}
),

steps as (
    select * from {{ ref('int_chain_steps') }}
),

counted as (
    select
        customers.cohort_month,
        customers.channel,
        steps.link_no,
        steps.link,
        count(*) filter (where steps.is_passed) as passed,
        count(*) filter (where steps.has_entered) as entered,
        count(*) filter (where steps.has_converted) as converted,
        percentile_cont(0.5) within group (order by steps.days_from_previous)
            as median_days
    from customers
    inner join steps on customers.customer_id = steps.customer_id
    group by
        customers.cohort_month, customers.channel, steps.link_no, steps.link
),

rated as (
    select
        cohort_month,
        channel,
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
