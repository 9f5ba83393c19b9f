-- grain: one row per customer, with the first day on which rules look at them
{{ config(materialized='view') }}
with customers as (
    select * from {{ ref('dim_customer') }}
),

dated as (
    select
        customer_id,
        {{ local_date('first_seen_at') }} as first_seen_date
    from customers
),

-- Who was seen at an unknown time has always been known.
known as (
    select
        customer_id,
        first_seen_date,
        greatest(first_seen_date, {{ ledger_start() }}) as known_from
    from dated
)

select * from known
