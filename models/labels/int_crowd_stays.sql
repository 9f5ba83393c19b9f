-- grain: one row per customer, crowd and unbroken stay in it
{% set spans %}(
    select
        *,
        crowd as label
    from {{ ref('int_crowd_matches') }}
){% endset %}
with stays as (
    {{ stays_by_priority(spans, 'label', ['customer_id', 'crowd']) }}
)

select * from stays
