-- grain: one row per customer, dimension and day on which the label changed
{{ config(materialized='view') }}
{#- A dimension joins the ledger by a row here: its name, the model of its changes. -#}
{% set dimensions = {
    "'aipl_stage'": ref('int_aipl_moves'),
    "'rfm_segment'": ref('int_rfm_ledger'),
    "'lifecycle_state'": ref('int_lifecycle_moves'),
    "'behavior_segment'": ref('int_behavior_moves'),
    "'identity_tier'": ref('int_tier_moves'),
    "concat('crowd:', crowd)": ref('int_crowd_moves'),
    "concat('scene:', crowd, ':', scene)": ref('int_scene_moves'),
} %}
with changes as (
    {% for dimension, changes in dimensions.items() %}
        select
            changed_on,
            customer_id,
            {{ dimension }} as dimension,
            from_label,
            to_label,
            cause
        from {{ changes }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from changes
