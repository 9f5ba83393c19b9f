-- grain: one row per cohort month, channel and link of the chain
with customers as (
    select * from {{ ref('customer_chain') }}
),

steps as (
    select * from {{ ref('int_funnel_steps') }}
),

links as (
    {{ funnel_counts('customers', 'steps', ['cohort_month', 'channel']) }}
)

select * from links
