-- grain: one row per customer and product bought up to the as-of date
{#- Nothing is expected to last longer than a century. -#}
{% set longest_days = 36500 %}
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

category_gaps as (
    select
        products.category,
        cast(
            percentile_cont(0.5) within group (order by gaps.gap_days)
            as decimal(18, 4)
        ) as median_gap_days
    from gaps
    inner join products on gaps.product_id = products.product_id
    where gaps.gap_days is not null and products.category is not null
    group by products.category
),

bought as (
    select
        customer_id,
        product_id,
        cast(max(day) - min(day) as int) as days_between,
        max(day) as last_bought_on,
        max_by(quantity, day) as last_quantity,
        sum(quantity) as quantity,
        count(*) as purchase_days
    from product_days
    group by customer_id, product_id
),

-- Whoever bought it on three days has a rhythm of their own.
judged as (
    select
        bought.*,
        products.category,
        products.consumption_days,
        category_gaps.median_gap_days,
        case
            when bought.purchase_days >= 3 then 'own_gaps'
            when products.consumption_days > 0 then 'consumption_days'
            when category_gaps.median_gap_days is not null then 'category_median'
            else 'none'
        end as basis
    from bought
    left join products on bought.product_id = products.product_id
    left join category_gaps on products.category = category_gaps.category
),

paced as (
    select
        *,
        cast(
            case basis
                when 'own_gaps'
                    then days_between / cast(quantity - last_quantity as double)
                when 'consumption_days'
                    then least(consumption_days, {{ longest_days }})
                when 'category_median' then median_gap_days
            end as decimal(18, 4)
        ) as days_per_unit
    from judged
),

-- What is rounded is what a reader sees, so that the row explains itself.
expected as (
    select
        customer_id,
        product_id,
        category,
        last_bought_on,
        last_quantity,
        purchase_days,
        days_per_unit,
        case
            when days_per_unit is not null
                then last_bought_on + cast(
                    least(
                        round(days_per_unit * last_quantity, 0), {{ longest_days }}
                    ) as int
                )
        end as runs_out_on,
        basis
    from paced
)

select * from expected
