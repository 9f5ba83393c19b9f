-- grain: one row per customer known on the as-of date, with the day of each funnel step
with customers as (
    select * from {{ ref('dim_customer') }}
),

members as (
    select * from {{ ref('stg_members') }}
),

facts as (
    select * from {{ ref('int_customer_facts') }}
),

loyalty as (
    select
        customer_id,
        min(valid_from) as loyal_on
    from {{ ref('int_aipl_stage_periods') }}
    where stage = 'L' and valid_from <= {{ as_of_date() }}
    group by customer_id
),

-- Every dated fact is a touch, so that no step is before the customer was first seen.
dated as (
    select
        customers.customer_id,
        {{ local_date('customers.first_seen_at') }} as exposed_on,
        least(
            facts.add_wecom_on,
            case
                when members.wecom_bound_date <= {{ as_of_date() }}
                    then members.wecom_bound_date
            end
        ) as wecom_on,
        facts.group_or_form_on,
        coalesce(
            members.registered_date,
            facts.register_on,
            case
                when customers.is_member
                    then {{ local_date('customers.first_seen_at') }}
            end
        ) as member_on,
        facts.first_order_date as first_order_on,
        facts.second_order_date as second_order_on,
        loyalty.loyal_on,
        facts.referred_on,
        customers.is_member or facts.register_on is not null as has_joined,
        coalesce(customers.persona, facts.wecom_persona) as persona
    from customers
    left join members on customers.customer_id = members.customer_id
    left join facts on customers.customer_id = facts.customer_id
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
        end as furthest_step_no
    from dated
)

select * from ranked
