-- grain: one row per customer and crowd that they are in on the as-of date
with history as (
    select * from {{ ref('int_segment_periods') }}
),

-- The cause is what the rules say today, not why the customer came.
final as (
    select
        {{ as_of_date() }} as as_of_date,
        customer_id,
        label as crowd,
        greatest(label_since, {{ ledger_start() }}) as since_date,
        rule_id as cause
    from history
    where
        dimension like 'crowd:%'
        and label <> 'none'
        and valid_from <= {{ as_of_date() }}
        and valid_to > {{ as_of_date() }}
)

select * from final
