{#- A select of how many customers passed, entered and converted at each step of the
    funnel, by the columns `keys` of `customers`; `steps` has a row a customer and step. -#}
{% macro funnel_counts(customers, steps, keys) -%}
    {%- set listed = 'customers.' ~ keys | join(', customers.') -%}
    select
        {{ listed }},
        steps.step_no as link_no,
        steps.step as link,
        count(*) filter (where steps.is_passed) as passed,
        count(*) filter (where steps.has_entered) as entered,
        count(*) filter (where steps.has_converted) as converted,
        cast(count(*) filter (where steps.has_converted) as double)
        / nullif(count(*) filter (where steps.has_entered), 0) as rate,
        cast(
            percentile_cont(0.5) within group (order by steps.days_from_previous)
            as double
        ) as median_days
    from {{ customers }} as customers
    inner join {{ steps }} as steps on customers.customer_id = steps.customer_id
    group by {{ listed }}, steps.step_no, steps.step
{%- endmacro %}
