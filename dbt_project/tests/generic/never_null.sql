{#- None of the columns is ever null. One pass over the table for all of them; only over
    the rows of this build where `build_column` has the number of a row's build. -#}
{% test never_null(model, columns, build_column=none) %}
select *
from {{ model }}
where
    ({{ columns | join(' is null or ') }} is null)
    {%- if build_column is not none %}
    and {{ build_column }} = {{ build_no() }}
    {%- endif %}
{% endtest %}
