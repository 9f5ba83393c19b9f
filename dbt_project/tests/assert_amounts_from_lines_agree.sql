-- An order whose amount comes from its lines has exactly their sum.
with orders as (
    select * from {{ ref('fct_orders') }}
),

lines as (
    select * from {{ ref('fct_order_lines') }}
),

totals as (
    select
        order_id,
        sum(line_amount) as line_amount
    from lines
    group by order_id
)

select
    orders.order_id,
    orders.gross_amount,
    totals.line_amount
from orders
left join totals on orders.order_id = totals.order_id
where
    orders.is_amount_from_lines
    and orders.gross_amount is distinct from totals.line_amount
