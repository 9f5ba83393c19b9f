{#- Put the rows of a shop's own rule file in the place of a seed's rows.

    The csv's columns are found by name; one that it lacks, and every empty cell, is null.
    `siyu` has checked the file before. Does nothing where the var `rule_files` does not
    name the seed.
-#}
{% macro use_rule_file(seed, node) -%}
    {%- set path = var('rule_files', {}).get(node.name) -%}
    {%- if execute and path -%}
        {{ adapter.dispatch('use_rule_file', 'siyu')(seed, path | replace("'", "''")) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__use_rule_file(seed, path) -%}
    delete from {{ seed }};
    insert into {{ seed }} by name
    select *
    from read_csv(
        '{{ path }}', header = true, all_varchar = true, delim = ',', quote = '"'
    );
{%- endmacro %}

{% macro spark__use_rule_file(seed, path) -%}
    {%- do run_query(
        "create or replace temporary view rule_file using csv options ("
        ~ "path '" ~ path ~ "', header 'true', multiLine 'true', escape '\"')"
    ) -%}
    {%- set view = api.Relation.create(identifier='rule_file') -%}
    {%- set given = adapter.get_columns_in_relation(view) -%}
    {%- set given = given | map(attribute='name') | list -%}
    insert overwrite table {{ seed }}
    select
        {%- for column in adapter.get_columns_in_relation(seed) %}
        cast({{ column.name if column.name in given else 'null' }} as {{ column.dtype }})
            as {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from rule_file
{%- endmacro %}
