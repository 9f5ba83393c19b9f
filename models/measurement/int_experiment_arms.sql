-- grain: one row per experiment and customer in it
{{ config(materialized='view') }}
with assigned as (
    select * from {{ ref('int_assigned_arms') }}
),

held_out as (
    select * from {{ ref('int_held_out_arms') }}
),

arms as (
    select * from assigned
    union all
    select * from held_out
)

select * from arms
