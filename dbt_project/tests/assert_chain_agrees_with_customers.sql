-- Days of the chain say the same as dim_customer where both say something.
with chain as (
    select * from {{ ref('customer_chain') }}
),

customers as (
    select * from {{ ref('dim_customer') }}
)

select
    chain.customer_id,
    chain.first_order_on,
    customers.first_order_date,
    chain.second_order_on,
    customers.valid_orders,
    chain.wecom_on,
    customers.wecom_bound
from chain
inner join customers on chain.customer_id = customers.customer_id
where
    (chain.first_order_on is distinct from customers.first_order_date)
    or (chain.second_order_on is not null) <> (customers.valid_orders > 1)
    or (chain.wecom_on is not null) <> customers.wecom_bound
    or (customers.is_member and chain.furthest_link_no < 4)
