-- grain: one row per rule for a scene and crowd that it is about, if it names one
{{ config(materialized='view') }}
with rules as (
    select distinct rule_id from {{ ref('scene_rules') }}
),

named as (
    select distinct
        rule_id,
        split_part(attribute, ':', 2) as crowd
    from {{ ref('scene_rules') }}
    where attribute like 'crowd:%' and operator <> 'is_null'
),

scene_crowds as (
    select
        rules.rule_id,
        named.crowd
    from rules
    left join named on rules.rule_id = named.rule_id
)

select * from scene_crowds
