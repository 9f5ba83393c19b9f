{#- The UTC timestamp at which a day of the shop begins; local_date turned round. -#}
{% macro local_midnight(day) -%}
    {{ adapter.dispatch('local_midnight', 'siyu')(day, var('shop_timezone')) }}
{%- endmacro %}

{% macro default__local_midnight(day, timezone) -%}
    timezone('UTC', timezone('{{ timezone }}', cast({{ day }} as timestamp)))
{%- endmacro %}

{% macro spark__local_midnight(day, timezone) -%}
    to_utc_timestamp(cast({{ day }} as timestamp), '{{ timezone }}')
{%- endmacro %}
