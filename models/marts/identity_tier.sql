-- grain: one row per customer known on the as-of date
with customers as (
    select * from {{ ref('dim_customer') }}
),

history as (
    select *
    from {{ ref('int_segment_periods') }}
    where dimension = 'identity_tier' and label <> 'none'
),

today as (
    select
        *,
        greatest(label_since, {{ ledger_start() }}) as since_date
    from history
    where valid_from <= {{ as_of_date() }} and valid_to > {{ as_of_date() }}
),

-- Why the customer came into the tier, or was in it when the ledger began.
tiers as (
    select
        today.customer_id,
        today.label as tier,
        history.rule_id as cause
    from today
    inner join history
        on
            today.customer_id = history.customer_id
            and today.since_date >= history.valid_from
            and today.since_date < history.valid_to
),

points as (
    select *
    from {{ ref('int_attribute_history') }}
    where
        attribute = 'contribution_points'
        and valid_from <= {{ as_of_date() }}
        and valid_to > {{ as_of_date() }}
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        customers.customer_id,
        coalesce(tiers.tier, 'none') as tier,
        coalesce(cast(points.value as bigint), 0) as contribution_points,
        tiers.cause
    from customers
    left join tiers on customers.customer_id = tiers.customer_id
    left join points on customers.customer_id = points.customer_id
)

select * from final
