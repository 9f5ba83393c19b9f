{#- A select of labels as attributes that rules of a later pass may name: customer_id,
    attribute (the dimension), value, grows_from (null), valid_from, valid_to. A crowd has the value true. -#}
{% macro labels_as_attributes(label_periods) -%}
    select
        customer_id,
        dimension as attribute,
        case when dimension like 'crowd:%' then 'true' else label end as value,
        cast(null as date) as grows_from,
        valid_from,
        valid_to
    from {{ label_periods }}
    where label <> 'none'
{%- endmacro %}
