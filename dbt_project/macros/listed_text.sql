{#- An aggregate: the texts in their order, with a comma and a space between. -#}
{% macro listed_text(text) -%}
    {{ adapter.dispatch('listed_text', 'siyu')(text) }}
{%- endmacro %}

{% macro default__listed_text(text) -%}
    string_agg({{ text }}, ', ' order by {{ text }})
{%- endmacro %}

{% macro spark__listed_text(text) -%}
    array_join(sort_array(collect_list({{ text }})), ', ')
{%- endmacro %}
