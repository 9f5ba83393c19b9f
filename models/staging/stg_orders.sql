-- grain: one row per order_id of the orders files, its latest version
{% set columns = [
    'order_id', 'customer_id', 'ordered_at', 'amount', 'status', 'refund_amount',
    'channel', 'store_id', 'coupon_id', 'campaign_id',
] %}
with versions as (
    {{ latest_versions(
        'orders',
        key=['order_id'],
        columns=columns,
        order_by=[
            'landed.updated_at desc nulls last',
            status_rank('landed.status') ~ ' desc',
        ],
        earliest='ordered_at',
    ) }}
),

dated as (
    select
        order_id,
        customer_id,
        ordered_at,
        {{ local_date('ordered_at') }} as order_date,
        coalesce(status, 'completed') as status,
        amount as gross_amount,
        refund_amount,
        channel,
        store_id,
        coupon_id,
        campaign_id
    from versions
),

known as (
    select *
    from dated
    where order_date <= {{ as_of_date() }}
)

select * from known
