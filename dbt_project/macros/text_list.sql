{#- Texts as a list of SQL literals, for `in (…)`. -#}
{% macro text_list(texts) -%}
    '{{ texts | join("', '") }}'
{%- endmacro %}
