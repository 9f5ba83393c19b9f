-- grain: one row per customer whose labels this build finds
-- depends_on: {{ ref('int_touched_customers') }}
with customers as (
    select
        customer_id,
        {{ local_date('first_seen_at') }} as first_seen_date
    from {{ ref('dim_customer') }}
),

-- A customer without a time of the first sight has always been known.
known as (
    select
        customers.customer_id,
        customers.first_seen_date,
        coalesce(customers.first_seen_date, cast('0001-01-01' as date)) as known_from
    from customers
    {% if goes_on(label_rules()) %}
        semi join {{ ref('int_touched_customers') }} as touched
            on customers.customer_id = touched.customer_id
    {% endif %}
)

select * from known
