-- A customer's valid orders are numbered 1, 2, … in the order of time, the others not.
-- Only customers whose facts changed are read: the others were looked at before.
with changed as (
    select * from {{ ref('int_changed_customers') }}
),

orders as (
    select orders.*
    from {{ ref('fct_orders') }} as orders
    left join changed on orders.customer_id = changed.customer_id
    where orders.customer_id is null or changed.customer_id is not null
),

neighbours as (
    select
        order_id,
        customer_id,
        is_valid,
        ordered_at,
        order_seq,
        lag(order_seq, 1, 0) over in_sequence as previous_seq,
        lag(ordered_at) over in_sequence as previous_at
    from orders
    where order_seq is not null
    window in_sequence as (partition by customer_id order by order_seq asc)
)

select
    order_id,
    customer_id,
    order_seq
from neighbours
where
    not is_valid
    or order_seq <> previous_seq + 1
    or ordered_at < previous_at
union all
select
    order_id,
    customer_id,
    order_seq
from orders
where is_valid and order_seq is null
