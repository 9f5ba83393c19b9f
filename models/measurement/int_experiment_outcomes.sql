-- grain: one row per experiment and customer in it
{% set amount = 'decimal(18, 2)' %}
with arms as (
    select * from {{ ref('int_experiment_arms') }}
),

summed as (
    select * from {{ ref('int_outcome_windows') }}
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
