{#- A number from 0 to below 1 that follows from a text, evenly spread: the first 32
    bits of its MD5, so that any engine and version, and a person, find the same. -#}
{% macro hash_share(text) -%}
    {{ adapter.dispatch('hash_share', 'siyu')(text) }}
{%- endmacro %}

{% macro default__hash_share(text) -%}
    (cast(concat('0x', substr(md5({{ text }}), 1, 8)) as bigint) / 4294967296.0)
{%- endmacro %}

{% macro spark__hash_share(text) -%}
    (cast(conv(substr(md5({{ text }}), 1, 8), 16, 10) as bigint) / 4294967296.0)
{%- endmacro %}
