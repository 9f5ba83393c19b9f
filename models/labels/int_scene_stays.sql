-- grain: one row per customer, crowd, scene and unbroken stay in it
{% set spans %}(
    select
        *,
        scene as label
    from {{ ref('int_scene_spans') }}
){% endset %}
with stays as (
    {{ stays_by_priority(spans, 'label', ['customer_id', 'crowd', 'scene']) }}
)

select * from stays
