-- grain: one row per customer, dimension and day on which the label changed
{{ config(materialized='view') }}
-- Stages of AIPL are there for all history; of other labels, those that held when the
-- ledger began are entered on its first day.
with history as (
    select
        *,
        case when dimension = 'aipl_stage' then valid_from else {{ ledger_start() }} end
            as told_from
    from {{ ref('int_label_history') }}
    where
        valid_from = label_since
        and valid_from <= {{ as_of_date() }}
        and dimension <> 'play'
        and dimension not like 'audience:%'
),

told as (
    select
        *,
        dimension <> 'aipl_stage' and valid_from <= told_from as is_opening
    from history
    where label_until > told_from
),

changes as (
    select
        greatest(valid_from, told_from) as changed_on,
        customer_id,
        dimension,
        case when is_opening then 'none' else previous_label end as from_label,
        label as to_label,
        case when is_opening then '{{ var("ledger_opening") }}' else cause end as cause
    from told
    where not (is_opening and label = 'none')
)

select * from changes
