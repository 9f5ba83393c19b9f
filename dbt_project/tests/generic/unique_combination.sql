{#- The columns together name a row once. Returns the combinations that repeat.

    `build_column` numbers the build that wrote a row: where a build goes on from the last
    one, whose rows were looked at then, only what this one wrote can repeat. -#}
{% test unique_combination(model, columns, build_column=none) %}
{%- set listed = columns | join(', ') %}
select
    {{ listed }},
    count(*) as row_count
from {{ model }}
{%- if build_column is not none and var('last_build') is mapping %}
where ({{ listed }}) in (
    select {{ listed if columns | length == 1 else '(' ~ listed ~ ')' }}
    from {{ model }}
    where {{ build_column }} = {{ build_no() }}
)
{%- endif %}
group by {{ listed }}
having count(*) > 1
{% endtest %}
