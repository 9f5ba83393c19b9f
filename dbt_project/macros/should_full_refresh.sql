{#- In place of dbt's own: incremental models start afresh where there is no whole build
    to go on from, or where one of the things has changed since that the model's meta
    lists in starts_afresh_with; `label_rules` stands for all that rules of labels say. -#}
{% macro should_full_refresh() -%}
    {%- set configured = config.get('full_refresh') -%}
    {%- if configured is none -%}
        {%- set names = config.get('meta', {}).get('starts_afresh_with', []) -%}
        {%- set configured = not goes_on(
            label_rules() if names == 'label_rules' else names
        ) -%}
    {%- endif -%}
    {{ return(configured) }}
{%- endmacro %}
