-- grain: one row per customer and attribute that audiences are profiled by
with attributes as (
    select *
    from {{ ref('int_member_attributes') }}
    where
        attribute in (
            'gender', 'age', 'region', 'city_tier', 'household', 'occupation',
            'acquisition_channel', 'is_member', 'value_tier', 'interest'
        )
        and valid_from <= {{ as_of_date() }}
        and valid_to > {{ as_of_date() }}
),

labelled as (
    select
        customer_id,
        case attribute when 'age' then 'age_band' else attribute end as attribute,
        case
            when attribute <> 'age' then value
            when cast(value as int) < 18 then 'under 18'
            when cast(value as int) < 25 then '18-24'
            when cast(value as int) < 35 then '25-34'
            when cast(value as int) < 45 then '35-44'
            when cast(value as int) < 55 then '45-54'
            else '55 and over'
        end as value
    from attributes
)

select * from labelled
