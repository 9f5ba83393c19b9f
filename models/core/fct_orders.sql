-- grain: one row per order up to the as-of date, of any status, guests included
with orders as (
    select *
    from {{ ref('int_orders') }}
    where order_date <= {{ as_of_date() }}
),

sequenced as (
    select
        order_id,
        customer_id,
        ordered_at,
        order_date,
        status,
        gross_amount,
        cast(coalesce(refund_amount, 0) as decimal(18, 2)) as refund_amount,
        net_amount,
        channel,
        store_id,
        coupon_id,
        campaign_id,
        is_amount_from_lines,
        is_valid,
        case
            when is_valid then row_number() over (
                partition by customer_id, is_valid
                order by ordered_at asc, order_id asc
            )
        end as order_seq
    from orders
)

select * from sequenced
