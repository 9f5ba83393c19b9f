{#- The first day of label changes in segment_ledger; for AIPL stages it has all
    history. -#}
{% macro ledger_start() -%}
    ({{ as_of_date() }} - {{ var('ledger_days') | int }} + 1)
{%- endmacro %}
