-- grain: one row per audience, attribute and value
{#- Ages below each of these years have a band of their own. -#}
{% set bands = {
    18: 'under 18', 25: '18-24', 35: '25-34', 45: '35-44', 55: '45-54',
} %}
{#- A column of the shop's own with one value tells nobody apart, one with more values
    than the other figure is free text or a number. -#}
{% set fewest_values = 2 %}
{% set most_values = 20 %}
with scores as (
    select * from {{ ref('rfm_scores') }}
),

-- Segments, states, tiers and crowds; plays and scenes are not profiled.
audiences as (
    select
        customer_id,
        concat(split_part(dimension, ':', 1), ':', label) as audience
    from {{ ref('int_label_history') }}
    where
        label <> 'none'
        and dimension <> 'play'
        and dimension not like 'scene:%'
        and dimension not like 'audience:%'
        and valid_from <= {{ as_of_date() }}
        and valid_to > {{ as_of_date() }}
),

customers as (
    select
        customer_id,
        gender,
        region,
        city_tier,
        household,
        occupation,
        acquisition_channel,
        cast(is_member as string) as is_member,
        case
            when birth_date is null then cast(null as string)
            {% for years, band in bands.items() %}
                when {{ add_years('birth_date', years) }} > {{ as_of_date() }}
                    then '{{ band }}'
            {% endfor %}
            else '55 and over'
        end as age_band
    from {{ ref('dim_customer') }}
),

interests as (
    select * from {{ ref('int_interest_ranks') }}
),

own_columns as (
    select
        customer_id,
        concat('member:', name) as attribute,
        value
    from {{ json_pairs(ref('dim_customer'), 'customer_id', 'attributes') }}
    where value is not null
),

of_few_values as (
    select attribute
    from own_columns
    group by attribute
    having count(distinct value) between {{ fewest_values }} and {{ most_values }}
),

customer_values as (
    {% for column in [
        'gender', 'region', 'city_tier', 'household', 'occupation',
        'acquisition_channel', 'is_member', 'age_band',
    ] %}
        select
            customer_id,
            '{{ column }}' as attribute,
            {{ column }} as value
        from customers
        where {{ column }} is not null
        union all
    {% endfor %}
    select
        customer_id,
        'value_tier' as attribute,
        value_tier as value
    from scores
    where value_tier is not null
    union all
    select
        customer_id,
        'interest' as attribute,
        interest as value
    from interests
    where interest is not null
    union all
    select own_columns.*
    from own_columns
    semi join of_few_values on own_columns.attribute = of_few_values.attribute
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
