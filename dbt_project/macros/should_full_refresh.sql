{#- In place of dbt's own: incremental models start afresh where there is no whole build
    to go on from, or where one of the things has changed since that the model's meta
    lists in starts_afresh_with. -#}
{% macro should_full_refresh() -%}
    {%- set configured = config.get('full_refresh') -%}
    {%- if configured is none -%}
        {%- set last_build = var('last_build') -%}
        {%- set configured = (
            last_build is none
            or flags.FULL_REFRESH
            or config.get('meta', {}).get('starts_afresh_with', [])
            | select('in', last_build['changed']) | list | length > 0
        ) -%}
    {%- endif -%}
    {{ return(configured) }}
{%- endmacro %}
