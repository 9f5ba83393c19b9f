{#- A number of 64 bits for columns: equal values have equal numbers, and now and then
    different ones too. For narrowing down what is then compared in full. -#}
{% macro key_hash(columns) -%}
    {{ adapter.dispatch('key_hash', 'siyu')(columns) }}
{%- endmacro %}

{% macro default__key_hash(columns) -%}
    hash({{ columns }})
{%- endmacro %}

{% macro spark__key_hash(columns) -%}
    xxhash64({{ columns }})
{%- endmacro %}
