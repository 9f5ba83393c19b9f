-- grain: one row per customer, crowd and day on which they came or went
{{ config(materialized='view') }}
with moves as (
    {{ label_moves(ref('int_crowd_stays'), 'label', ['customer_id', 'crowd']) }}
)

select * from moves
