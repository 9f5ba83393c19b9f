-- grain: one row per customer known on the as-of date
with crowds as (
    select
        customer_id,
        {{ listed_text('crowd') }} as crowds
    from {{ ref('crowd_membership') }}
    group by customer_id
),

scenes as (
    select
        customer_id,
        {{ listed_text('scene') }} as scenes
    from {{ ref('crowd_scene') }}
    group by customer_id
),

run_outs as (
    select
        customer_id,
        min(runs_out_on) as next_run_out_on
    from {{ ref('customer_replenishment') }}
    where runs_out_on >= {{ as_of_date() }}
    group by customer_id
),

touches as (
    select
        customer_id,
        min_by(step, (coalesce(defer_until, as_of_date), due_date, touch_id))
            as next_touch
    from {{ ref('journey_touches') }}
    where decision in ('send', 'defer')
    group by customer_id
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        customers.customer_id,
        customers.is_member,
        customers.wecom_bound,
        customers.registered_at,
        customers.first_seen_at,
        customers.acquisition_channel,
        customers.acquisition_campaign_id,
        customers.persona,
        customers.group_id,
        customers.gender,
        customers.birth_date,
        customers.region,
        customers.city_tier,
        customers.household,
        customers.occupation,
        customers.role,
        customers.first_order_date,
        customers.last_order_date,
        customers.valid_orders,
        rfm.recency_days,
        rfm.frequency,
        rfm.monetary,
        rfm.rfm_code,
        rfm.rfm_class,
        rfm.rfm_segment,
        rfm.value_tier,
        aipl.stage as aipl_stage,
        aipl.since_date as aipl_since_date,
        aipl.play,
        aipl.lapses_on,
        aipl.lapses_to,
        lifecycle.state as lifecycle_state,
        lifecycle.since_date as lifecycle_since_date,
        lifecycle.expected_interval_days,
        lifecycle.next_state,
        lifecycle.next_state_on,
        segments.segment as behavior_segment,
        tiers.tier as identity_tier,
        tiers.contribution_points,
        crowds.crowds,
        scenes.scenes,
        interests.interest,
        chain.furthest_link,
        chain.referrals,
        run_outs.next_run_out_on,
        touches.next_touch
    from {{ ref('dim_customer') }} as customers
    inner join {{ ref('aipl_stage') }} as aipl
        on customers.customer_id = aipl.customer_id
    inner join {{ ref('customer_lifecycle') }} as lifecycle
        on customers.customer_id = lifecycle.customer_id
    inner join {{ ref('behavior_segment') }} as segments
        on customers.customer_id = segments.customer_id
    inner join {{ ref('identity_tier') }} as tiers
        on customers.customer_id = tiers.customer_id
    inner join {{ ref('customer_chain') }} as chain
        on customers.customer_id = chain.customer_id
    left join {{ ref('rfm_scores') }} as rfm
        on customers.customer_id = rfm.customer_id
    left join crowds on customers.customer_id = crowds.customer_id
    left join scenes on customers.customer_id = scenes.customer_id
    left join {{ ref('int_interest_ranks') }} as interests
        on customers.customer_id = interests.customer_id
    left join run_outs on customers.customer_id = run_outs.customer_id
    left join touches on customers.customer_id = touches.customer_id
)

select * from final
