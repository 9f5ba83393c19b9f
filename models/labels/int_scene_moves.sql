-- grain: one row per customer, crowd, scene and day on which they came or went
{{ config(materialized='view') }}
{% set keys = ['customer_id', 'crowd', 'scene'] %}
with moves as (
    {{ label_moves(ref('int_scene_stays'), 'label', keys) }}
)

select * from moves
