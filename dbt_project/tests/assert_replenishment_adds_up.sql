-- A run-out date agrees with what stands beside it in the row, and every product that
-- was bought in a valid order has a row.
with replenishment as (
    select * from {{ ref('customer_replenishment') }}
),

lines as (
    select * from {{ ref('fct_order_lines') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

bought as (
    select
        lines.customer_id,
        lines.product_id,
        max(lines.order_date) as last_bought_on,
        count(distinct lines.order_date) as purchase_days
    from lines
    inner join orders on lines.order_id = orders.order_id
    where orders.is_valid and lines.quantity > 0
    group by lines.customer_id, lines.product_id
)

select
    bought.customer_id,
    bought.product_id,
    bought.last_bought_on,
    bought.purchase_days,
    replenishment.last_bought_on as found_last_bought_on,
    replenishment.purchase_days as found_purchase_days,
    replenishment.runs_out_on
from bought
full join replenishment
    on
        bought.customer_id = replenishment.customer_id
        and bought.product_id = replenishment.product_id
where
    bought.last_bought_on is distinct from replenishment.last_bought_on
    or bought.purchase_days is distinct from replenishment.purchase_days
    or replenishment.runs_out_on < replenishment.last_bought_on
    or (replenishment.basis = 'none') <> (replenishment.runs_out_on is null)
    or (replenishment.basis = 'own_gaps') <> (replenishment.purchase_days >= 3)
