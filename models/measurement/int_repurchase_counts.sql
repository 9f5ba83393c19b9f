-- grain: one row per driver and value
{% set drivers = [
    'acquisition_channel', 'acquisition_campaign', 'order_campaign', 'first_product',
    'first_category', 'first_order_kind', 'first_order_size', 'activity_before',
] %}
with customers as (
    select * from {{ ref('int_repurchase_customers') }}
),

driven as (
    {% for driver in drivers %}
        {% if not loop.first %}union all{% endif %}
        select
            '{{ driver }}' as driver,
            coalesce({{ driver }}, 'unknown') as value,
            cohort,
            has_repurchased
        from customers
    {% endfor %}
),

counts as (
    select
        driver,
        value,
        count(*) as customers,
        count(*) filter (where has_repurchased) as repurchased,
        count(*) filter (where cohort = 'previous') as previous_customers,
        count(*) filter (
            where cohort = 'previous' and has_repurchased
        ) as previous_repurchased,
        count(*) filter (where cohort = 'current') as current_customers,
        count(*) filter (
            where cohort = 'current' and has_repurchased
        ) as current_repurchased
    from driven
    group by driver, value
),

final as (
    select
        *,
        cast(sum(customers) over (partition by driver) as bigint) as all_customers,
        cast(sum(repurchased) over (partition by driver) as bigint)
            as all_repurchased
    from counts
)

select * from final
