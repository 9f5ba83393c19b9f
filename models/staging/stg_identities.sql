-- grain: one row per id_type, id_value and customer_id
{% set columns = ['id_type', 'id_value', 'customer_id'] %}
with versions as (
    {{ latest_versions('identities', key=columns, columns=columns) }}
)

select * from versions
