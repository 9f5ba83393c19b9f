-- grain: one row per customer and category that they ordered or looked at, ranked
with counts as (
    select * from {{ ref('int_interest_counts') }}
),

totals as (
    select
        customer_id,
        sum(orders) as orders,
        sum(amount) as amount,
        sum(views) as views
    from counts
    group by customer_id
),

shares as (
    select
        counts.customer_id,
        counts.category,
        cast(counts.orders as bigint) as orders,
        cast(counts.amount as decimal(18, 2)) as net_amount,
        cast(counts.views as bigint) as views,
        cast(counts.orders as double) / nullif(totals.orders, 0) as order_share,
        cast(counts.amount as double) / nullif(totals.amount, 0) as spend_share,
        cast(counts.views as double) / nullif(totals.views, 0) as view_share
    from counts
    inner join totals on counts.customer_id = totals.customer_id
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
