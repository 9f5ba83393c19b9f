-- grain: one row per customer whose stages are to be found anew
{% set last_build = var('last_build') %}
with customer_days as (
    select * from {{ ref('int_customer_days') }}
),

interaction_days as (
    select * from {{ ref('int_changed_interaction_days') }}
),

order_days as (
    select * from {{ ref('int_changed_order_days') }}
),

{% if last_build is none or 'aipl_rules' in last_build['changed'] %}
    changed as (
        select
            customer_id,
            cast(null as date) as day
        from customer_days
        union all
        select
            customer_id,
            cast(null as date) as day
        from interaction_days
        union all
        select
            customer_id,
            cast(null as date) as day
        from order_days
    ),
{% else %}
    {% set built = "cast('" ~ last_build['as_of_date'] ~ "' as date)" %}
    changed as (
        select
            customer_id,
            day
        from interaction_days
        where day <= greatest({{ built }}, {{ as_of_date() }})
        union all
        select
            customer_id,
            day
        from order_days
        where day <= greatest({{ built }}, {{ as_of_date() }})
        union all
        -- The as-of date has moved over these days.
        select
            customer_id,
            day
        from customer_days
        where
            day > least({{ built }}, {{ as_of_date() }})
            and day <= greatest({{ built }}, {{ as_of_date() }})
    ),
{% endif %}

customers as (
    select
        customer_id,
        min(day) as from_day
    from changed
    group by customer_id
)

select * from customers
