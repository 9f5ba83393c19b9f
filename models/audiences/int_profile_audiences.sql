-- grain: one row per customer and segment or crowd that is profiled
{{ config(materialized='view') }}
with history as (
    select * from {{ ref('int_label_history') }}
),

audiences as (
    select
        customer_id,
        concat(split_part(dimension, ':', 1), ':', label) as audience
    from history
    where
        label <> 'none'
        and dimension <> 'play'
        and dimension not like 'scene:%'
        and dimension not like 'audience:%'
        and valid_from <= {{ as_of_date() }}
        and valid_to > {{ as_of_date() }}
)

select * from audiences
