-- grain: one row per segment or crowd, attribute and value
with statistics as (
    select * from {{ ref('int_profile_statistics') }}
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        -- Of a table without rows Python does not know what the columns hold.
        cast(audience as string) as audience,
        cast(attribute as string) as attribute,
        cast(value as string) as value,
        cast(customers as bigint) as customers,
        cast(audience_customers as bigint) as audience_customers,
        cast(share as double) as share,
        cast(base_share as double) as base_share,
        cast(tgi as double) as tgi,
        cast(ci_low as double) as ci_low,
        cast(ci_high as double) as ci_high,
        cast(p_value as double) as p_value,
        cast(significant as boolean) as significant
    from statistics
)

select * from final
