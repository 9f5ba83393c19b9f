-- grain: one row per experiment and customer in it
with arms as (
    select * from {{ ref('int_experiment_arms') }}
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        experiment,
        customer_id,
        arm,
        assigned_on,
        assigned_by,
        arms
    from arms
)

select * from final
