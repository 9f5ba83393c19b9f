{#- Common table expressions that end in `held_together`: the spans of days on which all
    conditions of a group hold, that is, as many spans cover the day as it has conditions.

    `spans` has customer_id, the columns `keys` that name the group, hold_from, hold_until
    and a column with the group's number of conditions. Spans of one condition and
    customer never overlap. -#}
{% macro held_together(spans, keys, conditions) -%}
    {%- set keys = ['customer_id'] + keys + [conditions] -%}
    turning_days as (
        select
            {{ keys | join(', ') }},
            hold_from as on_day,
            1 as change
        from {{ spans }}
        union all
        select
            {{ keys | join(', ') }},
            hold_until as on_day,
            -1 as change
        from {{ spans }}
    ),
    counted_days as (
        select
            {{ keys | join(', ') }},
            on_day as hold_from,
            lead(on_day) over by_day as hold_until,
            sum(sum(change)) over by_day as held
        from turning_days
        group by {{ keys | join(', ') }}, on_day
        -- Where one span of a condition follows another at once, nothing changes.
        having sum(change) <> 0
        window
            by_day as (partition by {{ keys | join(', ') }} order by on_day asc)
    ),
    held_together as (
        select *
        from counted_days
        where held = {{ conditions }}
    )
{%- endmacro %}
