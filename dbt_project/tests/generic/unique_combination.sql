{#- The columns together name a row once. Returns the combinations that repeat.

    Where a build goes on from the last one, whose rows were looked at then, only what
    this one wrote can repeat: the rows with its number in `build_column`, or those of the
    keys that `changed` lists, in columns of the names of `changed_key`. -#}
{% test unique_combination(
    model, columns, build_column=none, changed=none, changed_key=[]
) %}
{%- set goes_on = var('last_build') is mapping %}
{%- set written = 'true' %}
{%- if goes_on and build_column is not none %}
    {%- set changed = model %}
    {%- set changed_key = columns %}
    {%- set written = 'changed.' ~ build_column ~ ' = ' ~ build_no() %}
{%- endif %}
{%- set listed = 'tested.' ~ columns | join(', tested.') %}
select
    {{ listed }},
    count(*) as row_count
from {{ model }} as tested
{%- if goes_on and changed is not none %}
semi join {{ changed }} as changed
    on
        {%- for column in changed_key %}
        tested.{{ column }} = changed.{{ column }} and
        {%- endfor %}
        {{ written }}
{%- endif %}
group by {{ listed }}
having count(*) > 1
{% endtest %}
