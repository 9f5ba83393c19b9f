-- grain: one row per customer whose orders or interactions changed since the last build
{% set last_build = var('last_build') %}
with changed as (
    select
        customer_id,
        day
    from {{ ref('int_changed_interaction_days') }}
    union all
    select
        customer_id,
        day
    from {{ ref('int_changed_order_days') }}
),

-- Facts that the as-of date has moved over count now, or count no longer.
dated as (
    select
        customer_id,
        day
    from {{ ref('int_interaction_days') }}
    union all
    select
        customer_id,
        order_date as day
    from {{ ref('int_orders') }}
    where customer_id is not null
),

{% if last_build is mapping %}
    {% set built_for = "cast('" ~ last_build['as_of_date'] ~ "' as date)" %}
    customers as (
        select customer_id
        from changed
        where day <= greatest({{ built_for }}, {{ as_of_date() }})
        union
        select customer_id
        from dated
        where
            day > least({{ built_for }}, {{ as_of_date() }})
            and day <= greatest({{ built_for }}, {{ as_of_date() }})
    )
{% else %}
    customers as (
        select customer_id from changed
        union
        select customer_id from dated
    )
{% endif %}

select * from customers
