-- grain: one row per experiment and customer in it
{% set amount = 'decimal(18, 2)' %}
with arms as (
    select * from {{ ref('int_experiment_arms') }}
),

-- Several holdouts follow a customer through the same days, which are looked at once.
windows as (
    select distinct
        customer_id,
        before_at,
        assigned_at,
        ends_at
    from arms
),

-- Facts before the first window are most of them, and are left where they are.
bounds as (
    select
        min(before_at) as first_at,
        max(ends_at) as last_at
    from windows
),

facts as (
    select
        customer_id,
        occurred_at as happened_at,
        'visit' as kind,
        cast(0 as {{ amount }}) as net_amount
    from {{ ref('fct_interactions') }}
    where customer_id is not null
    union all
    select
        customer_id,
        ordered_at as happened_at,
        'order' as kind,
        net_amount
    from {{ ref('fct_orders') }}
    where is_valid
    union all
    select
        customer_id,
        sent_at as happened_at,
        'contact' as kind,
        cast(0 as {{ amount }}) as net_amount
    from {{ ref('int_touch_outcomes') }}
),

found as (
    select
        windows.customer_id,
        windows.before_at,
        windows.assigned_at,
        windows.ends_at,
        facts.kind,
        facts.net_amount,
        facts.happened_at < windows.assigned_at as is_before
    from windows
    inner join facts on windows.customer_id = facts.customer_id
    where
        facts.happened_at >= (select bounds.first_at from bounds)
        and facts.happened_at < (select bounds.last_at from bounds)
        and windows.before_at <= facts.happened_at
        and facts.happened_at < windows.ends_at
),

summed as (
    select
        customer_id,
        before_at,
        assigned_at,
        ends_at,
        bool_or(kind = 'contact' and not is_before) as was_contacted,
        bool_or(kind = 'visit' and not is_before) as has_visited,
        bool_or(kind = 'visit' and is_before) as has_visited_before,
        bool_or(kind = 'order' and not is_before) as has_converted,
        bool_or(kind = 'order' and is_before) as has_converted_before,
        sum(case when is_before then 0 else net_amount end) as net_amount,
        sum(case when is_before then net_amount else 0 end) as net_amount_before
    from found
    group by customer_id, before_at, assigned_at, ends_at
),

final as (
    select
        arms.experiment,
        arms.customer_id,
        arms.arm,
        arms.assigned_by,
        arms.planned_share,
        arms.ends_at <= {{ local_midnight(as_of_date() ~ ' + 1') }} as is_complete,
        coalesce(summed.was_contacted, false) as was_contacted,
        coalesce(summed.has_visited, false) as has_visited,
        coalesce(summed.has_visited_before, false) as has_visited_before,
        coalesce(summed.has_converted, false) as has_converted,
        coalesce(summed.has_converted_before, false) as has_converted_before,
        cast(coalesce(summed.net_amount, 0) as {{ amount }}) as net_amount,
        cast(coalesce(summed.net_amount_before, 0) as {{ amount }})
            as net_amount_before
    from arms
    left join summed
        on
            arms.customer_id = summed.customer_id
            and arms.before_at = summed.before_at
            and arms.assigned_at = summed.assigned_at
            and arms.ends_at = summed.ends_at
)

select * from final
