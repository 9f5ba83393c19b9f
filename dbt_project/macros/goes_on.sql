{#- Whether this build goes on from the last one, for a model that starts afresh where
    one of the named rule files or variables, or the as-of date, is listed as changed
    since. -#}
{% macro goes_on(starts_afresh_with=[]) -%}
    {%- set last_build = var('last_build') -%}
    {{ return(
        last_build is mapping
        and not flags.FULL_REFRESH
        and starts_afresh_with | select('in', last_build['changed']) | list | length == 0
    ) }}
{%- endmacro %}
