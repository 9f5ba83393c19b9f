-- grain: one row per customer, audience and unbroken stay in it
{% set spans %}(
    select
        *,
        audience as label
    from {{ ref('int_audience_matches') }}
){% endset %}
with stays as (
    {{ stays_by_priority(spans, 'label', ['customer_id', 'audience']) }}
)

select * from stays
