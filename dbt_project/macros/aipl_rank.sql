{#- How high a stage of AIPL is: none 0, then A, I, P, L. -#}
{% macro aipl_rank(stage) -%}
    case {{ stage }} when 'A' then 1 when 'I' then 2 when 'P' then 3 when 'L' then 4 else 0 end
{%- endmacro %}
