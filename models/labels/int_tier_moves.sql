-- grain: one row per customer and day on which the identity tier changed
{{ config(materialized='view') }}
with moves as (
    {{ label_moves(ref('int_tier_stays'), 'tier') }}
)

select * from moves
