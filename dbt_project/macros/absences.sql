{#- A select of the spans in which customers have no value of an attribute, from the day
    on which rules look at them: customer_id, attribute, absent_from, absent_until.

    `spells` has customer_id, attribute, valid_from and valid_to, which never overlap;
    `names` the attributes to look at. -#}
{% macro absences(spells, names) -%}
    select
        placed.customer_id,
        placed.attribute,
        placed.previous_to as absent_from,
        placed.valid_from as absent_until
    from (
        select
            customer_id,
            attribute,
            valid_from,
            lag(valid_to) over (
                partition by customer_id, attribute
                order by valid_from asc
            ) as previous_to
        from {{ spells }}
    ) as placed
    where placed.previous_to < placed.valid_from
    union all
    select
        customers.customer_id,
        names.attribute,
        customers.known_from as absent_from,
        coalesce(bounds.first_from, {{ forever() }}) as absent_until
    from {{ ref('int_rule_customers') }} as customers
    cross join {{ names }} as names
    left join (
        select
            customer_id,
            attribute,
            min(valid_from) as first_from
        from {{ spells }}
        group by customer_id, attribute
    ) as bounds
        on
            customers.customer_id = bounds.customer_id
            and names.attribute = bounds.attribute
    where bounds.first_from is null or bounds.first_from > customers.known_from
    union all
    select
        customer_id,
        attribute,
        max(valid_to) as absent_from,
        {{ forever() }} as absent_until
    from {{ spells }}
    group by customer_id, attribute
    having max(valid_to) < {{ forever() }}
{%- endmacro %}
