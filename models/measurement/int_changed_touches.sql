-- grain: one row per customer whose messages, or what followed them, may have changed
{% set last_build = var('last_build') %}
with customers as (
    select customer_id from {{ ref('int_changed_customers') }}
    union
    select customer_id from {{ ref('stg_changed_contacts') }}
    {% if last_build is mapping %}
        union
        select customer_id
        from {{ ref('stg_contacts') }}
        where sent_date > cast('{{ last_build['as_of_date'] }}' as date)
    {% endif %}
)

select * from customers
