-- grain: one row per customer and unbroken time in an RFM segment, or in none after one
{{ config(materialized='view') }}
with changes as (
    select * from {{ ref('int_rfm_changes') }}
),

periods as (
    select
        customer_id,
        to_label as label,
        cause,
        changed_on as valid_from,
        lead(changed_on, 1, {{ forever() }}) over (
            partition by customer_id
            order by changed_on asc
        ) as valid_to,
        from_label as previous_label
    from changes
)

select * from periods
