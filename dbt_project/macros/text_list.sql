{#- Texts as a list of SQL literals, for `in (…)`; `others` are added to it. -#}
{% macro text_list(texts, others=[]) -%}
    '{{ (texts | list + others) | join("', '") }}'
{%- endmacro %}
