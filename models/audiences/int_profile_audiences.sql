-- grain: one row per customer and segment or crowd that is profiled
{{ config(materialized='view') }}
{#- An audience joins by a row here: what it is named after, who is in it when, and the
    column of its name. -#}
{% set stays = [
    ('aipl_stage', ref('int_aipl_stays'), 'stage'),
    ('lifecycle_state', ref('int_lifecycle_stays'), 'state'),
    ('behavior_segment', ref('int_behavior_stays'), 'segment'),
    ('identity_tier', ref('int_tier_stays'), 'tier'),
    ('crowd', ref('int_crowd_stays'), 'crowd'),
] %}
with scores as (
    select * from {{ ref('rfm_scores') }}
),

audiences as (
    {% for kind, relation, column in stays %}
        select
            customer_id,
            concat('{{ kind }}:', {{ column }}) as audience
        from {{ relation }}
        where valid_from <= {{ as_of_date() }} and valid_to > {{ as_of_date() }}
        union all
    {% endfor %}
    select
        customer_id,
        concat('rfm_segment:', rfm_segment) as audience
    from scores
)

select * from audiences
