-- A run-out date agrees with what stands beside it in the row.
with replenishment as (
    select * from {{ ref('customer_replenishment') }}
)

select
    customer_id,
    product_id,
    last_bought_on,
    purchase_days,
    days_per_unit,
    runs_out_on,
    basis
from replenishment
where
    last_bought_on > {{ as_of_date() }}
    or runs_out_on < last_bought_on
    or (basis = 'none') <> (runs_out_on is null)
    or (basis = 'none') <> (days_per_unit is null)
    or (basis = 'own_gaps') <> (purchase_days >= 3)
