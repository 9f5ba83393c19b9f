{#- The shop's calendar day of a UTC timestamp. The session's timezone is UTC. -#}
{% macro local_date(timestamp_utc) -%}
    {{ adapter.dispatch('local_date', 'siyu')(timestamp_utc, var('shop_timezone')) }}
{%- endmacro %}

{% macro default__local_date(timestamp_utc, timezone) -%}
    cast(timezone('{{ timezone }}', timezone('UTC', {{ timestamp_utc }})) as date)
{%- endmacro %}

{% macro spark__local_date(timestamp_utc, timezone) -%}
    cast(from_utc_timestamp({{ timestamp_utc }}, '{{ timezone }}') as date)
{%- endmacro %}
