-- grain: one row per customer and day of the ledger on which the state changed
{{ config(materialized='view') }}
with moves as (
    {{ label_moves(ref('int_lifecycle_stays'), 'state') }}
)

select * from moves
