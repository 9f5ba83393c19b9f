{#- The pairs of JSON objects as a relation: the `key` column of the given relation,
    name and value, the latter null where it is null in the object. -#}
{% macro json_pairs(relation, key, column) -%}
    {{ adapter.dispatch('json_pairs', 'siyu')(relation, key, column) }}
{%- endmacro %}

{% macro default__json_pairs(relation, key, column) -%}
    (
        select
            {{ key }},
            name,
            json_extract_string({{ column }}, concat('$."', name, '"')) as value
        from (
            select
                {{ key }},
                {{ column }},
                unnest(json_keys({{ column }})) as name
            from {{ relation }}
            where {{ column }} is not null
        )
    )
{%- endmacro %}

{% macro spark__json_pairs(relation, key, column) -%}
    (
        select
            {{ key }},
            pairs.name,
            pairs.value
        from {{ relation }}
        lateral view explode(from_json({{ column }}, 'map<string,string>'))
        pairs as name, value
    )
{%- endmacro %}
