-- grain: one row per customer known on the as-of date
with customers as (
    select * from {{ ref('dim_customer') }}
),

today as (
    select *
    from {{ ref('int_segment_periods') }}
    where
        dimension = 'behavior_segment'
        and valid_from <= {{ as_of_date() }}
        and valid_to > {{ as_of_date() }}
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        customers.customer_id,
        coalesce(today.label, 'none') as segment
    from customers
    left join today on customers.customer_id = today.customer_id
)

select * from final
