{#- An aggregate: the different texts in their order, with commas between. -#}
{% macro listed_text(text) -%}
    {{ adapter.dispatch('listed_text', 'siyu')(text) }}
{%- endmacro %}

{% macro default__listed_text(text) -%}
    string_agg(distinct {{ text }}, ', ' order by {{ text }})
{%- endmacro %}

{% macro spark__listed_text(text) -%}
    array_join(sort_array(collect_set({{ text }})), ', ')
{%- endmacro %}
