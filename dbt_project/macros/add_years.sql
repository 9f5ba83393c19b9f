{#- The same day so many years later; 29 February is the 28th where there is none. -#}
{% macro add_years(day, years) -%}
    {{ adapter.dispatch('add_years', 'siyu')(day, years) }}
{%- endmacro %}

{% macro default__add_years(day, years) -%}
    cast({{ day }} + to_years({{ years }}) as date)
{%- endmacro %}

{% macro spark__add_years(day, years) -%}
    add_months({{ day }}, 12 * ({{ years }}))
{%- endmacro %}
