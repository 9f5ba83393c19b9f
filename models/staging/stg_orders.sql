-- grain: one row per order_id to read of the orders files, its latest version; any day
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
        changed=ref('stg_changed_orders'),
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
)

select * from dated
