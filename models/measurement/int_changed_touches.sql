-- grain: one row per customer whose messages, or what followed them, may have changed
with customers as (
    select customer_id from {{ ref('int_changed_customers') }}
    union
    select customer_id from {{ ref('stg_changed_contacts') }}
)

select * from customers
