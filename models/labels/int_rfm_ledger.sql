-- grain: one row per customer and day on which the RFM segment changed, in the ledger
{{ config(materialized='view') }}
with moves as (
    select * from {{ ref('int_rfm_moves') }}
),

-- What came before is summed up in the label of the first day.
openings as (
    select
        customer_id,
        max_by(to_label, changed_on) as label
    from moves
    where changed_on <= {{ ledger_start() }}
    group by customer_id
),

ledger as (
    select
        customer_id,
        {{ ledger_start() }} as changed_on,
        'none' as from_label,
        label as to_label,
        'the ledger begins' as cause
    from openings
    where label <> 'none'
    union all
    select
        customer_id,
        changed_on,
        from_label,
        to_label,
        cause
    from moves
    where changed_on > {{ ledger_start() }}
)

select * from ledger
