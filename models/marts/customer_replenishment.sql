-- grain: one row per customer and product bought up to the as-of date
with replenishment as (
    select * from {{ ref('int_replenishment') }}
),

described as (
    select
        {{ as_of_date() }} as as_of_date,
        customer_id,
        product_id,
        category,
        last_bought_on,
        last_quantity,
        purchase_days,
        days_per_unit,
        runs_out_on,
        basis
    from replenishment
)

select * from described
