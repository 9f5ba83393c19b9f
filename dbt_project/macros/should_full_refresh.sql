{#- In place of dbt's own: incremental models start afresh where there is no whole build
    to go on from. -#}
{% macro should_full_refresh() -%}
    {%- set configured = config.get('full_refresh') -%}
    {%- if configured is none -%}
        {%- set configured = var('last_build') is none or flags.FULL_REFRESH -%}
    {%- endif -%}
    {{ return(configured) }}
{%- endmacro %}
