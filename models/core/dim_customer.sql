-- grain: one row per customer known on the as-of date
with members as (
    select * from {{ ref('stg_members') }}
),

facts as (
    select * from {{ ref('int_customer_facts') }}
),

-- Whatever names a customer makes them known; an identifier has no time.
seen as (
    select
        customer_id,
        registered_at as seen_at
    from members
    union all
    select
        customer_id,
        wecom_bound_at as seen_at
    from members
    where wecom_bound_date <= {{ as_of_date() }}
    union all
    select
        customer_id,
        first_fact_at as seen_at
    from facts
    union all
    select
        customer_id,
        sent_at as seen_at
    from {{ ref('stg_contacts') }}
    union all
    select
        customer_id,
        changed_at as seen_at
    from {{ ref('stg_consents') }}
    union all
    select
        customer_id,
        cast(null as timestamp) as seen_at
    from {{ ref('stg_identities') }}
    union all
    select
        customer_id,
        assigned_at as seen_at
    from {{ ref('stg_assignments') }}
),

known as (
    select
        customer_id,
        min(seen_at) as first_seen_at
    from seen
    group by customer_id
),

joined as (
    select
        known.customer_id,
        members.registered_at,
        known.first_seen_at,
        coalesce(members.channel, facts.first_channel) as acquisition_channel,
        members.campaign_id as acquisition_campaign_id,
        members.customer_id is not null as is_member,
        coalesce(members.wecom_bound_date <= {{ as_of_date() }}, false)
        or facts.add_wecom_on is not null as wecom_bound,
        facts.first_order_date,
        facts.last_order_date,
        coalesce(facts.valid_orders, 0) as valid_orders,
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
    left join facts on known.customer_id = facts.customer_id
)

select * from joined
