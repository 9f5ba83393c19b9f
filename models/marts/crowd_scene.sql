-- grain: one row per customer, crowd and scene in which one meets them
with history as (
    select * from {{ ref('int_audience_periods') }}
),

-- The cause is what the rules say today, not why the customer came.
final as (
    select
        {{ as_of_date() }} as as_of_date,
        customer_id,
        split_part(dimension, ':', 2) as crowd,
        label as scene,
        greatest(label_since, {{ ledger_start() }}) as since_date,
        rule_id as cause
    from history
    where
        dimension like 'scene:%'
        and label <> 'none'
        and valid_from <= {{ as_of_date() }}
        and valid_to > {{ as_of_date() }}
)

select * from final
