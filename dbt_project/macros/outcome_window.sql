{#- The length of the outcome window: so many times 24 hours. -#}
{% macro outcome_window() -%}
    interval '{{ var("outcome_window_days") | int }}' day
{%- endmacro %}
