-- grain: one row per dimension, value of it and link of the chain
with customers as (
    select * from {{ ref('customer_chain') }}
),

steps as (
    select * from {{ ref('int_funnel_steps') }}
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

links as (
    {{ funnel_counts('valued', 'steps', ['dimension', 'value']) }}
)

select * from links
