{#- Common table expressions that end in `conjunction_periods`: the periods in which all
    conditions of a group hold, that is, as many periods cover a day as it has conditions.

    `condition_periods` has customer_id, the columns `keys` that name the group, valid_from,
    valid_to and a column with the group's number of conditions. Periods of one condition
    and customer never overlap. -#}
{% macro conjunction_periods(condition_periods, keys, conditions) -%}
    {%- set keys = ['customer_id'] + keys + [conditions] -%}
    condition_changes as (
        select
            {{ keys | join(', ') }},
            valid_from as on_day,
            1 as change
        from {{ condition_periods }}
        union all
        select
            {{ keys | join(', ') }},
            valid_to as on_day,
            -1 as change
        from {{ condition_periods }}
    ),
    counted_periods as (
        select
            {{ keys | join(', ') }},
            on_day as valid_from,
            lead(on_day) over by_day as valid_to,
            sum(sum(change)) over by_day as holding
        from condition_changes
        group by {{ keys | join(', ') }}, on_day
        -- Where one period of a condition follows another at once, nothing changes.
        having sum(change) <> 0
        window
            by_day as (partition by {{ keys | join(', ') }} order by on_day asc)
    ),
    conjunction_periods as (
        select *
        from counted_periods
        where holding = {{ conditions }}
    )
{%- endmacro %}
