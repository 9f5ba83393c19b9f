{#- A statement that notes how many rows an increment writes into its model's table, for
    the report of the run. -#}
{% macro note_rows_written(target_relation, temp_relation) -%}
    insert into main.rows_written
    select
        '{{ target_relation.identifier }}' as model,
        count(*) as row_count
    from {{ temp_relation }}
{%- endmacro %}
