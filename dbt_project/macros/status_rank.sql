{#- How far an order has come: of two versions without an update time the further one
    wins. An order without a status is completed. -#}
{% macro status_rank(status) -%}
    case coalesce({{ status }}, 'completed')
        when 'pending' then 1
        when 'paid' then 2
        when 'shipped' then 3
        when 'completed' then 4
        when 'cancelled' then 5
        when 'refunded' then 6
    end
{%- endmacro %}
