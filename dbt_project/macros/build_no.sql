{#- The number of this build: one more than that of the build whose tables it goes on
    from; 1 where it starts afresh. -#}
{% macro build_no() -%}
    {%- set last_build = var('last_build') -%}
    {{ last_build['build_no'] + 1 if last_build is mapping else 1 }}
{%- endmacro %}
