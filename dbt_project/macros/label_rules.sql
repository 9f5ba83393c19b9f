{#- What the labels of a customer depend on besides the customer's own facts and
    attributes: where one of these changes, all labels are found again. Products say
    which orders are of samples. -#}
{% macro label_rules() -%}
    {{ return([
        'as_of_date', 'ledger_days', 'aipl_rules', 'lifecycle_rules', 'plays',
        'behavior_segments', 'contribution_points', 'identity_tiers', 'crowd_rules',
        'scene_rules', 'audiences', 'audience_rules', 'products',
    ]) }}
{%- endmacro %}
