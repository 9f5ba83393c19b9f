-- grain: one row per experiment, arm and metric
{% set nan = "cast('nan' as double)" %}
with statistics as (
    select * from {{ ref('int_experiment_statistics') }}
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        -- Of a table without rows Python does not know what the columns hold.
        cast(experiment as string) as experiment,
        cast(arm as string) as arm,
        cast(metric as string) as metric,
        cast(assigned_by as string) as assigned_by,
        cast(planned_share as double) as planned_share,
        cast(customers as bigint) as customers,
        cast(contacted as bigint) as contacted,
        cast(value as double) as value,
        nullif(cast(lift as double), {{ nan }}) as lift,
        nullif(cast(ci_low as double), {{ nan }}) as ci_low,
        nullif(cast(ci_high as double), {{ nan }}) as ci_high,
        nullif(cast(p_value as double), {{ nan }}) as p_value,
        nullif(cast(srm_p_value as double), {{ nan }}) as srm_p_value,
        nullif(cast(adjusted_lift as double), {{ nan }}) as adjusted_lift,
        nullif(cast(adjusted_ci_low as double), {{ nan }}) as adjusted_ci_low,
        nullif(cast(adjusted_ci_high as double), {{ nan }}) as adjusted_ci_high,
        cast(is_complete as boolean) as is_complete
    from statistics
)

select * from final
