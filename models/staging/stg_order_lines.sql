-- grain: one row per order line (line_key) to read, its latest version; of any day
{% set columns = [
    'line_key', 'order_id', 'line_no', 'product_id', 'quantity', 'unit_price',
    'line_amount', 'is_sample',
] %}
with versions as (
    {{ latest_versions(
        'order_lines',
        key=['line_key'],
        columns=columns,
        order_by=[
            'landed.updated_at desc nulls last',
            status_rank('landed.status') ~ ' desc',
        ],
        changed=ref('stg_changed_orders'),
    ) }}
),

priced as (
    select
        line_key,
        order_id,
        line_no,
        product_id,
        quantity,
        unit_price,
        cast(
            coalesce(line_amount, round(quantity * unit_price, 2)) as decimal(18, 2)
        ) as line_amount,
        is_sample
    from versions
)

select * from priced
