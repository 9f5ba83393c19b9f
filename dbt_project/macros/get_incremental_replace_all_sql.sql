{#- An incremental strategy: all rows are replaced. For a model that makes its new rows
    of its old ones and of what is new. -#}
{% macro get_incremental_replace_all_sql(arg_dict) -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='name') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
    {{ note_rows_written(arg_dict['target_relation'], arg_dict['temp_relation']) }}
{%- endmacro %}
