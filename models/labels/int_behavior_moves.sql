-- grain: one row per customer and day on which the behaviour segment changed
{{ config(materialized='view') }}
with moves as (
    {{ label_moves(ref('int_behavior_stays'), 'segment') }}
)

select * from moves
