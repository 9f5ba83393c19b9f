-- grain: one row per customer known on the as-of date, with the day of each link
with customers as (
    select * from {{ ref('dim_customer') }}
),

members as (
    select * from {{ ref('stg_members') }}
),

customer_days as (
    select * from {{ ref('int_customer_days') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

stays as (
    select * from {{ ref('int_aipl_stage_periods') }}
),

behaviors as (
    select
        customer_id,
        min(day) filter (where behavior = 'add_wecom') as add_wecom_on,
        min(day) filter (where behavior in ('group_join', 'survey_submit'))
            as group_or_form_on,
        min(day) filter (where behavior = 'register') as register_on,
        min(day) filter (where behavior = 'refer') as referred_on
    from customer_days
    where
        day <= {{ as_of_date() }}
        and behavior in (
            'add_wecom', 'group_join', 'survey_submit', 'register', 'refer'
        )
    group by customer_id
),

purchases as (
    select
        customer_id,
        min(order_date) filter (where order_seq = 1) as first_order_on,
        min(order_date) filter (where order_seq = 2) as second_order_on
    from orders
    where order_seq <= 2
    group by customer_id
),

loyalty as (
    select
        customer_id,
        min(valid_from) as loyal_on
    from stays
    where stage = 'L' and valid_from <= {{ as_of_date() }}
    group by customer_id
),

-- Every dated fact is a touch, so that no link is before the first sight.
dated as (
    select
        customers.customer_id,
        {{ local_date('customers.first_seen_at') }} as exposed_on,
        least(
            behaviors.add_wecom_on,
            case
                when members.wecom_bound_date <= {{ as_of_date() }}
                    then members.wecom_bound_date
            end
        ) as wecom_on,
        behaviors.group_or_form_on,
        coalesce(
            members.registered_date,
            behaviors.register_on,
            case
                when customers.is_member
                    then {{ local_date('customers.first_seen_at') }}
            end
        ) as member_on,
        purchases.first_order_on,
        purchases.second_order_on,
        loyalty.loyal_on,
        behaviors.referred_on,
        customers.is_member or behaviors.register_on is not null as has_joined
    from customers
    left join members on customers.customer_id = members.customer_id
    left join behaviors on customers.customer_id = behaviors.customer_id
    left join purchases on customers.customer_id = purchases.customer_id
    left join loyalty on customers.customer_id = loyalty.customer_id
),

ranked as (
    select
        *,
        case
            when referred_on is not null then 8
            when loyal_on is not null then 7
            when second_order_on is not null then 6
            when first_order_on is not null then 5
            when has_joined then 4
            when group_or_form_on is not null then 3
            when wecom_on is not null then 2
            when exposed_on is not null then 1
            else 0
        end as furthest_link_no
    from dated
)

select * from ranked
