-- grain: one row per product_id, its latest version
{% set columns = [
    'product_id', 'name', 'category', 'brand', 'is_sample', 'list_price',
    'consumption_days',
] %}
with versions as (
    {{ latest_versions(
        'products',
        key=['product_id'],
        columns=columns,
        order_by=['landed.updated_at desc nulls last'],
    ) }}
)

select * from versions
