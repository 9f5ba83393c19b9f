-- grain: one row per customer whose first valid order is at least 90 days ago
with orders as (
    select * from {{ ref('fct_orders') }}
    where is_valid
),

lines as (
    select * from {{ ref('fct_order_lines') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

customers as (
    select * from {{ ref('dim_customer') }}
),

facts as (
    select * from {{ ref('int_customer_facts') }}
),

kinds as (
    select * from {{ ref('int_order_kinds') }}
),

firsts as (
    select *
    from orders
    where order_seq = 1 and order_date <= {{ as_of_date() }} - 90
),

-- A second order on the day of the first is part of the first purchase.
returned as (
    select distinct orders.customer_id
    from orders
    inner join firsts on orders.customer_id = firsts.customer_id
    where
        orders.order_date > firsts.order_date
        and orders.order_date <= firsts.order_date + 90
),

amounts as (
    select
        lines.order_id,
        lines.product_id,
        sum(lines.line_amount) as amount
    from lines
    semi join firsts on lines.order_id = firsts.order_id
    group by lines.order_id, lines.product_id
),

-- The product on which most was spent; of equal amounts the first by id.
largest as (
    select
        order_id,
        min_by(product_id, (-amount, product_id)) as product_id
    from amounts
    group by order_id
),

cuts as (
    select
        percentile_cont(0.25) within group (order by net_amount) as cut_1,
        percentile_cont(0.5) within group (order by net_amount) as cut_2,
        percentile_cont(0.75) within group (order by net_amount) as cut_3
    from firsts
),

final as (
    select
        firsts.customer_id,
        firsts.order_date as first_order_date,
        case
            when firsts.order_date > {{ as_of_date() }} - 180 then 'current'
            when firsts.order_date > {{ as_of_date() }} - 270 then 'previous'
            else 'earlier'
        end as cohort,
        returned.customer_id is not null as has_repurchased,
        customers.acquisition_channel,
        customers.acquisition_campaign_id as acquisition_campaign,
        firsts.campaign_id as order_campaign,
        largest.product_id as first_product,
        products.category as first_category,
        case when kinds.is_sample_order then 'sample' else 'full_size' end
            as first_order_kind,
        case
            when firsts.net_amount > cuts.cut_3 then 'quarter_4'
            when firsts.net_amount > cuts.cut_2 then 'quarter_3'
            when firsts.net_amount > cuts.cut_1 then 'quarter_2'
            else 'quarter_1'
        end as first_order_size,
        case when facts.joined_activity_at < firsts.ordered_at then 'yes' else 'no' end
            as activity_before
    from firsts
    cross join cuts
    left join customers on firsts.customer_id = customers.customer_id
    left join facts on firsts.customer_id = facts.customer_id
    left join kinds on firsts.order_id = kinds.order_id
    left join largest on firsts.order_id = largest.order_id
    left join products on largest.product_id = products.product_id
    left join returned on firsts.customer_id = returned.customer_id
)

select * from final
