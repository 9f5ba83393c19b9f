{#- In place of dbt's own strategy delete+insert, which it calls: notes the rows as
    well. -#}
{% macro get_incremental_delete_insert_sql(arg_dict) -%}
    {{ default__get_incremental_delete_insert_sql(arg_dict) }};
    {{ note_rows_written(arg_dict['target_relation'], arg_dict['temp_relation']) }}
{%- endmacro %}
