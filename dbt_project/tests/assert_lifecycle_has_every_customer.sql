-- Every customer has exactly one lifecycle state.
with states as (
    select
        customer_id,
        count(*) as lifecycle_rows
    from {{ ref('customer_lifecycle') }}
    group by customer_id
),

customers as (
    select customer_id
    from {{ ref('dim_customer') }}
)

select
    coalesce(customers.customer_id, states.customer_id) as customer_id,
    states.lifecycle_rows
from customers
full join states on customers.customer_id = states.customer_id
where
    customers.customer_id is null
    or states.lifecycle_rows is distinct from 1
