-- grain: one row per attribute and value that a rule compares it with
{#- A rule file joins the engine by a row here. -#}
{% set rule_files = [
    ref('int_behavior_conditions'),
    ref('crowd_rules'),
    ref('scene_rules'),
    ref('identity_tiers'),
    ref('audience_rules'),
    ref('int_play_conditions'),
] %}
with conditions as (
    {% for rules in rule_files %}
        select
            attribute,
            operator,
            value,
            value_to
        from {{ rules }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

compared as (
    select
        attribute,
        operator,
        value as bound
    from conditions
    union
    select
        attribute,
        operator,
        value_to as bound
    from conditions
    where value_to is not null
),

named as (
    select
        attribute,
        split_part(attribute, ':', 1) as family,
        split_part(attribute, ':', 2) as detail,
        operator,
        bound
    from compared
)

select * from named
