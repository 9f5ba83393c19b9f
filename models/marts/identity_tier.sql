-- grain: one row per customer known on the as-of date
with customers as (
    select * from {{ ref('dim_customer') }}
),

stays as (
    select *
    from {{ ref('int_tier_stays') }}
    where valid_from <= {{ as_of_date() }} and valid_to > {{ as_of_date() }}
),

points as (
    select *
    from {{ ref('int_behavior_attributes') }}
    where
        attribute = 'contribution_points'
        and valid_from <= {{ as_of_date() }}
        and valid_to > {{ as_of_date() }}
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        customers.customer_id,
        coalesce(stays.tier, 'none') as tier,
        coalesce(cast(points.value as bigint), 0) as contribution_points,
        stays.cause
    from customers
    left join stays on customers.customer_id = stays.customer_id
    left join points on customers.customer_id = points.customer_id
)

select * from final
