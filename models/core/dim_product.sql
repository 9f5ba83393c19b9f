-- grain: one row per product, of the catalogue or only sold
with products as (
    select * from {{ ref('stg_products') }}
),

lines as (
    select * from {{ ref('fct_order_lines') }}
),

sold as (
    select distinct lines.product_id
    from lines
    anti join products on lines.product_id = products.product_id
),

combined as (
    select
        product_id,
        name,
        category,
        brand,
        coalesce(is_sample, false) as is_sample,
        list_price,
        consumption_days,
        true as is_in_catalogue
    from products
    union all
    select
        product_id,
        cast(null as string) as name,
        cast(null as string) as category,
        cast(null as string) as brand,
        false as is_sample,
        cast(null as decimal(18, 2)) as list_price,
        cast(null as bigint) as consumption_days,
        false as is_in_catalogue
    from sold
)

select * from combined
