-- The effects of mix and rate of a driver's values are together the whole difference.
with effects as (
    select
        driver,
        sum(mix_effect + rate_effect) as explained,
        min(total_difference) as lowest,
        max(total_difference) as highest
    from {{ ref('repurchase_decomposition') }}
    group by driver
)

select *
from effects
where abs(explained - lowest) > 1e-9 or abs(explained - highest) > 1e-9
