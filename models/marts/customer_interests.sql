-- grain: one row per customer and category that they ordered or looked at
with interests as (
    select * from {{ ref('int_interests') }}
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        customer_id,
        category,
        interest_rank,
        order_share,
        spend_share,
        view_share,
        orders,
        net_amount,
        views
    from interests
)

select * from final
