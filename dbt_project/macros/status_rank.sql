{#- How far an order has come: of two versions without an update time the further one
    wins. An order without a status is completed. -#}
{% macro status_rank(status) -%}
    case coalesce({{ status }}, 'completed')
        {%- for each in var('order_statuses') %}
        when '{{ each }}' then {{ loop.index }}
        {%- endfor %}
    end
{%- endmacro %}
