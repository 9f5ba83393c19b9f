-- grain: one row per customer whose labels may differ from those of the last build
with fingerprints as (
    select * from {{ ref('int_customer_fingerprints') }}
),

customers as (
    select customer_id
    from fingerprints
    where build_no = {{ build_no() }}
    union
    select customer_id from {{ ref('int_changed_customers') }}
)

select * from customers
