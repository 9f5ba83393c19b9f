-- grain: one row per driver and value
{% set nan = "cast('nan' as double)" %}
with statistics as (
    select * from {{ ref('int_repurchase_statistics') }}
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        -- Of a table without rows Python does not know what the columns hold.
        cast(driver as string) as driver,
        cast(value as string) as value,
        cast(customers as bigint) as customers,
        cast(repurchased as bigint) as repurchased,
        cast(rate as double) as rate,
        nullif(cast(difference as double), {{ nan }}) as difference,
        nullif(cast(ci_low as double), {{ nan }}) as ci_low,
        nullif(cast(ci_high as double), {{ nan }}) as ci_high,
        nullif(cast(p_value as double), {{ nan }}) as p_value,
        cast(significant as boolean) as significant
    from statistics
)

select * from final
