-- grain: one row per customer, attribute and span of one value, or in which it grows
{{ config(materialized='view') }}
{#- Where attributes come from: their value, and what those grow from that grow by one a
    day. -#}
{% set sources = [
    (ref('int_member_attributes'), 'value', 'cast(null as date)'),
    (ref('int_order_attributes'), 'value', 'grows_from'),
    (ref('int_behavior_attributes'), 'value', 'cast(null as date)'),
    (ref('int_idle_attributes'), 'cast(null as string)', 'grows_from'),
    (ref('int_label_attributes'), 'value', 'cast(null as date)'),
] %}
with attributes as (
    {% for relation, value, grows_from in sources %}
        select
            customer_id,
            attribute,
            {{ value }} as value,
            {{ grows_from }} as grows_from,
            valid_from,
            valid_to
        from {{ relation }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from attributes
