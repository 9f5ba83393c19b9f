{#- The first day whose changes of labels segment_ledger has, for labels that are found
    anew in each build; AIPL's are there for all history. -#}
{% macro ledger_start() -%}
    ({{ as_of_date() }} - {{ var('ledger_days') | int }} + 1)
{%- endmacro %}
