-- grain: one row per referrer and referred customer
with interactions as (
    select * from {{ ref('fct_interactions') }}
),

customers as (
    select * from {{ ref('dim_customer') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

-- Who refers themselves, or nobody who is named, has referred nobody.
referred as (
    select
        customer_id as referrer_id,
        referred_customer_id as referred_id,
        min(event_date) as referred_on,
        min(occurred_at) as first_at
    from interactions
    where
        event_type = 'refer'
        and customer_id is not null
        and referred_customer_id <> customer_id
    group by customer_id, referred_customer_id
),

spent as (
    select
        orders.customer_id,
        sum(orders.net_amount) as net_amount
    from orders
    semi join referred on orders.customer_id = referred.referred_id
    where orders.is_valid
    group by orders.customer_id
),

final as (
    select
        referred.referrer_id,
        referred.referred_id,
        referred.referred_on,
        row_number() over (
            partition by referred.referred_id
            order by referred.first_at asc, referred.referrer_id asc
        ) = 1 as is_first_referrer,
        coalesce(customers.acquisition_channel, 'unknown') as channel,
        coalesce(customers.is_member, false) as is_member,
        customers.first_order_date as first_order_on,
        coalesce(customers.first_order_date >= referred.referred_on, false)
            as is_converted,
        cast(coalesce(spent.net_amount, 0) as decimal(18, 2)) as net_amount
    from referred
    left join customers on referred.referred_id = customers.customer_id
    left join spent on referred.referred_id = spent.customer_id
)

select * from final
