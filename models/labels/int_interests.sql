-- grain: one row per customer and category that they ordered or looked at, ranked
with orders as (
    select * from {{ ref('fct_orders') }}
),

lines as (
    select * from {{ ref('fct_order_lines') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

interactions as (
    select * from {{ ref('fct_interactions') }}
),

changed as (
    select * from {{ ref('int_changed_customers') }}
),

facts as (
    select
        orders.customer_id,
        products.category,
        count(distinct orders.order_id) as orders,
        sum(lines.line_amount) as amount,
        0 as views
    from orders
    inner join lines on orders.order_id = lines.order_id
    inner join products on lines.product_id = products.product_id
    {% if is_incremental() %}
        semi join changed on orders.customer_id = changed.customer_id
    {% endif %}
    where orders.is_valid and products.category is not null
    group by orders.customer_id, products.category
    union all
    select
        interactions.customer_id,
        products.category,
        0 as orders,
        0 as amount,
        count(*) as views
    from interactions
    inner join products on interactions.product_id = products.product_id
    {% if is_incremental() %}
        semi join changed on interactions.customer_id = changed.customer_id
    {% endif %}
    where
        interactions.customer_id is not null
        and interactions.event_type in (
            'search', 'product_view', 'favorite', 'add_to_cart', 'sample_claim',
            'consult'
        )
        and products.category is not null
    group by interactions.customer_id, products.category
),

counts as (
    select
        customer_id,
        category,
        cast(sum(orders) as bigint) as orders,
        cast(greatest(sum(amount), 0) as decimal(18, 2)) as net_amount,
        cast(sum(views) as bigint) as views
    from facts
    group by customer_id, category
),

shares as (
    select
        *,
        cast(orders as double) / nullif(sum(orders) over of_customer, 0)
            as order_share,
        cast(net_amount as double) / nullif(sum(net_amount) over of_customer, 0)
            as spend_share,
        cast(views as double) / nullif(sum(views) over of_customer, 0) as view_share
    from counts
    window of_customer as (partition by customer_id)
),

-- The mean of the shares that there are: who never bought is known by their looks.
scored as (
    select
        *,
        (
            coalesce(order_share, 0)
            + coalesce(spend_share, 0)
            + coalesce(view_share, 0)
        )
        / nullif(
            case when order_share is null then 0 else 1 end
            + case when spend_share is null then 0 else 1 end
            + case when view_share is null then 0 else 1 end,
            0
        ) as interest_score
    from shares
),

ranked as (
    select
        *,
        cast(
            row_number() over (
                partition by customer_id
                order by interest_score desc, category asc
            ) as int
        ) as interest_rank
    from scored
)

select * from ranked
