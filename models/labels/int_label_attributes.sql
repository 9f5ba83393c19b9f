-- grain: one row per customer, kind of label and span
{{ config(materialized='view') }}
with aipl as (
    select * from {{ ref('int_aipl_stays') }}
),

rfm as (
    select * from {{ ref('int_rfm_ledger') }}
),

lifecycle as (
    select * from {{ ref('int_lifecycle_stays') }}
),

rfm_stays as (
    select
        customer_id,
        to_label as label,
        changed_on,
        lead(changed_on) over (partition by customer_id order by changed_on asc)
            as next_on
    from rfm
),

-- What will lapse if nothing happens lapses; RFM depends on everybody, so it stays.
spans as (
    select
        customer_id,
        'aipl_stage' as attribute,
        stage as value,
        valid_from,
        valid_to
    from aipl
    where valid_to > {{ ledger_start() }}
    union all
    select
        customer_id,
        'rfm_segment' as attribute,
        label as value,
        changed_on as valid_from,
        coalesce(next_on, {{ forever() }}) as valid_to
    from rfm_stays
    where label <> 'none'
    union all
    select
        customer_id,
        'lifecycle_state' as attribute,
        state as value,
        valid_from,
        valid_to
    from lifecycle
)

select * from spans
