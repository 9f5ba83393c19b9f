-- The customer of an event up to the as-of date is in dim_customer. Only events of this
-- build are read: those of earlier builds were looked at then.
with interactions as (
    select *
    from {{ ref('int_interactions') }}
    where
        build_no = {{ build_no() }}
        and event_date <= {{ as_of_date() }}
        and customer_id is not null
),

customers as (
    select customer_id from {{ ref('dim_customer') }}
)

select
    interactions.event_id,
    interactions.customer_id
from interactions
anti join customers on interactions.customer_id = customers.customer_id
