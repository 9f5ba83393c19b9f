-- grain: one row per audience, attribute and value
with customer_values as (
    select * from {{ ref('int_profile_values') }}
),

audiences as (
    select * from {{ ref('int_profile_audiences') }}
),

base as (
    select
        attribute,
        value,
        count(*) as base_customers,
        sum(count(*)) over (partition by attribute) as base_total
    from customer_values
    group by attribute, value
),

found as (
    select
        audiences.audience,
        customer_values.attribute,
        customer_values.value,
        count(*) as customers
    from audiences
    inner join customer_values on audiences.customer_id = customer_values.customer_id
    group by audiences.audience, customer_values.attribute, customer_values.value
),

sized as (
    select
        audience,
        attribute,
        sum(customers) as audience_customers
    from found
    group by audience, attribute
),

-- A value that nobody of the audience has is there too, with a share of zero.
counts as (
    select
        sized.audience,
        base.attribute,
        base.value,
        cast(coalesce(found.customers, 0) as bigint) as customers,
        cast(sized.audience_customers as bigint) as audience_customers,
        cast(base.base_customers as bigint) as base_customers,
        cast(base.base_total as bigint) as base_total
    from sized
    inner join base on sized.attribute = base.attribute
    left join found
        on
            sized.audience = found.audience
            and base.attribute = found.attribute
            and base.value = found.value
)

select * from counts
