{#- An incremental strategy: the rows of all keys that changed are replaced, also where
    there is no new row. The model's meta names the model that lists the changed keys
    (`changed`), in columns of the names of its unique_key. -#}
{% macro get_incremental_replace_changed_sql(arg_dict) -%}
    {%- set keys = arg_dict['unique_key'] -%}
    {%- set keys = [keys] if keys is string else keys -%}
    {%- set listed = keys | join(', ') -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='name') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }}
    where ({{ listed }}) in (
        select {{ listed if keys | length == 1 else '(' ~ listed ~ ')' }}
        from {{ ref(config.get('meta')['changed']) }}
    );
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
    {{ note_rows_written(arg_dict['target_relation'], arg_dict['temp_relation']) }}
{%- endmacro %}
