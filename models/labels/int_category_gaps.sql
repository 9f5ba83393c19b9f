-- grain: one row per product category with a product that somebody bought again
with product_days as (
    select * from {{ ref('int_product_days') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

gaps as (
    select
        product_id,
        cast(
            day - lag(day) over (
                partition by customer_id, product_id
                order by day asc
            ) as int
        ) as gap_days
    from product_days
),

categories as (
    select
        products.category,
        count(*) as gaps,
        cast(
            percentile_cont(0.5) within group (order by gaps.gap_days)
            as decimal(18, 4)
        ) as median_gap_days
    from gaps
    inner join products on gaps.product_id = products.product_id
    where gaps.gap_days is not null and products.category is not null
    group by products.category
)

select * from categories
