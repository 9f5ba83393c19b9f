-- grain: one row per customer, attribute of the person and period of one value
{{ config(materialized='view') }}
{#- What has no dates of its own counts as it is on the as-of date. -#}
{% set always = "cast('0001-01-01' as date)" %}
{% set undated = {
    ref('dim_customer'): [
        'gender', 'region', 'city_tier', 'household', 'occupation', 'role', 'persona',
        'group_id', 'acquisition_channel', 'acquisition_campaign_id', 'wecom_bound',
    ],
    ref('rfm_scores'): ['rfm_class', 'value_tier', 'r_score', 'f_score', 'm_score'],
    ref('int_interest_ranks'): ['interest', 'interest_2', 'interest_3'],
} %}
with customers as (
    select
        customer_id,
        birth_date,
        is_member,
        coalesce({{ local_date('registered_at') }}, {{ always }}) as member_from
    from {{ ref('dim_customer') }}
),

own_columns as (
    select * from {{ json_pairs(ref('dim_customer'), 'customer_id', 'attributes') }}
),

-- Years compare alike up to the next one that a rule names.
digits as (
    select listed.digit
    from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as listed (digit)
),

years as (
    select hundreds.digit * 100 + tens.digit * 10 + ones.digit as years
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    where hundreds.digit < 2
),

named_years as (
    select distinct years.years + one_more.digit as years
    from years
    inner join {{ ref('int_rule_attributes') }} as named
        on
            named.attribute = 'age'
            and (
                years.years = floor(try_cast(named.bound as double))
                or years.years = ceil(try_cast(named.bound as double))
                or instr(
                    concat('|', named.bound, '|'),
                    concat('|', cast(years.years as string), '|')
                ) > 0
            )
    inner join digits as one_more on one_more.digit <= 1
    union
    select listed.years
    from (values (-200), (0)) as listed (years)
),

birthdays as (
    select
        customers.customer_id,
        cast(named_years.years as string) as value,
        {{ add_years('customers.birth_date', 'cast(named_years.years as int)') }}
            as valid_from
    from customers
    cross join named_years
    where customers.birth_date is not null
),

periods as (
    {% for relation, columns in undated.items() %}
        {% for column in columns %}
            select
                customer_id,
                '{{ column }}' as attribute,
                cast({{ column }} as string) as value,
                {{ always }} as valid_from,
                {{ forever() }} as valid_to
            from {{ relation }}
            union all
        {% endfor %}
    {% endfor %}
    select
        customer_id,
        concat('member:', name) as attribute,
        value,
        {{ always }} as valid_from,
        {{ forever() }} as valid_to
    from own_columns
    union all
    select
        customer_id,
        'age' as attribute,
        value,
        valid_from,
        lead(valid_from, 1, {{ forever() }}) over (
            partition by customer_id
            order by valid_from asc, cast(value as int) asc
        ) as valid_to
    from birthdays
    union all
    select
        customer_id,
        'is_member' as attribute,
        'false' as value,
        {{ always }} as valid_from,
        case when is_member then member_from else {{ forever() }} end as valid_to
    from customers
    union all
    select
        customer_id,
        'is_member' as attribute,
        'true' as value,
        member_from as valid_from,
        {{ forever() }} as valid_to
    from customers
    where is_member
),

known as (
    select *
    from periods
    where value is not null and valid_from < valid_to
)

select * from known
