{#- What follows the relation `facts` of a select: in an increment only facts of the
    customers and days that are in the relation `changed` (customer_id, day) are read. -#}
{% macro on_changed_days(facts, date_column, is_increment) -%}
    {%- if is_increment -%}
        semi join changed
            on
                {{ facts }}.customer_id = changed.customer_id
                and {{ facts }}.{{ date_column }} = changed.day
    {%- endif -%}
{%- endmacro %}
