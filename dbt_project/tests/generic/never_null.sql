{#- None of the columns is ever null. One pass over the table for all of them. -#}
{% test never_null(model, columns) %}
select *
from {{ model }}
where
    {%- for column in columns %}
    {% if not loop.first %}or {% endif %}{{ column }} is null
    {%- endfor %}
{% endtest %}
