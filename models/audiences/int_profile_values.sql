-- grain: one row per customer and attribute that audiences are profiled by
{#- A column of the shop's own with one value tells nobody apart, one with more values
    than the other figure is free text or a number. -#}
{% set fewest_values = 2 %}
{% set most_values = 20 %}
with attributes as (
    select *
    from {{ ref('int_member_attributes') }}
    where
        attribute in (
            'gender', 'region', 'city_tier', 'household', 'occupation',
            'acquisition_channel', 'is_member', 'value_tier', 'interest'
        )
        and valid_from <= {{ as_of_date() }}
        and valid_to > {{ as_of_date() }}
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

ages as (
    select
        customer_id,
        cast(
            year({{ as_of_date() }}) - year(birth_date)
            - case
                when {{ add_years('birth_date', 'cast(year(' ~ as_of_date() ~ ') - year(birth_date) as int)') }} > {{ as_of_date() }}
                    then 1
                else 0
            end as int
        ) as age
    from {{ ref('dim_customer') }}
    where birth_date is not null
),

labelled as (
    select
        customer_id,
        attribute,
        value
    from attributes
    union all
    select
        customer_id,
        'age_band' as attribute,
        case
            when age < 18 then 'under 18'
            when age < 25 then '18-24'
            when age < 35 then '25-34'
            when age < 45 then '35-44'
            when age < 55 then '45-54'
            else '55 and over'
        end as value
    from ages
    union all
    select own_columns.*
    from own_columns
    semi join of_few_values on own_columns.attribute = of_few_values.attribute
)

select * from labelled
