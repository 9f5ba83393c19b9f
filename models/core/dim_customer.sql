-- grain: one row per customer known on the as-of date
with sightings as (
    select * from {{ ref('int_customer_sightings') }}
),

members as (
    select * from {{ ref('stg_members') }}
),

orders as (
    select * from {{ ref('int_customer_orders') }}
),

interactions as (
    select * from {{ ref('int_customer_interactions') }}
),

channels as (
    select * from {{ ref('int_customer_channels') }}
),

known as (
    select
        customer_id,
        min(first_seen_at) as first_seen_at
    from sightings
    group by customer_id
),

joined as (
    select
        known.customer_id,
        members.registered_at,
        known.first_seen_at,
        coalesce(members.channel, channels.channel) as acquisition_channel,
        members.campaign_id as acquisition_campaign_id,
        members.customer_id is not null as is_member,
        coalesce(members.wecom_bound_date <= {{ as_of_date() }}, false)
        or coalesce(interactions.has_added_wecom, false) as wecom_bound,
        orders.first_order_date,
        orders.last_order_date,
        coalesce(orders.valid_orders, 0) as valid_orders,
        members.gender,
        members.birth_date,
        members.region,
        members.city_tier,
        members.household,
        members.occupation,
        members.role,
        members.persona,
        members.group_id,
        members.attributes
    from known
    left join members on known.customer_id = members.customer_id
    left join orders on known.customer_id = orders.customer_id
    left join interactions on known.customer_id = interactions.customer_id
    left join channels
        on
            known.customer_id = channels.customer_id
            and channels.channel_rank = 1
)

select * from joined
