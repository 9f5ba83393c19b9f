-- grain: one row per holdout and customer, with whether it leaves them out
{{ config(materialized='view') }}
with holdouts as (
    select * from {{ ref('holdouts') }}
),

customers as (
    select customer_id from {{ ref('dim_customer') }}
),

drawn as (
    select
        holdouts.holdout,
        holdouts.scope,
        holdouts.scope_name,
        holdouts.share,
        customers.customer_id,
        concat(
            holdouts.salt, ':', holdouts.holdout, ':', customers.customer_id
        ) as drawn_by
    from customers
    cross join holdouts
),

final as (
    select
        holdout,
        scope,
        scope_name,
        share,
        customer_id,
        {{ hash_share('drawn_by') }} < share as is_held_out
    from drawn
)

select * from final
