-- grain: one row per customer, attribute of the person and span in which it has a value
{{ config(materialized='view') }}
{#- What has no dates of its own counts as it is on the as-of date. -#}
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
        coalesce({{ local_date('registered_at') }}, {{ ledger_start() }}) as member_from
    from {{ ref('dim_customer') }}
),

own_columns as (
    select * from {{ json_pairs(ref('dim_customer'), 'customer_id', 'attributes') }}
),

years as (
    select listed.years_ago
    from (
        values
        {%- for years in range(var('ledger_days') | int // 365 + 2) %}
            ({{ years }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as listed (years_ago)
),

-- The birthdays whose ages somebody had while the ledger runs.
birthdays as (
    select
        customers.customer_id,
        customers.birth_date,
        cast(year({{ as_of_date() }}) - year(customers.birth_date) as int)
        - years.years_ago as age
    from customers
    cross join years
    where customers.birth_date is not null
),

spans as (
    {% for relation, columns in undated.items() %}
        {% for column in columns %}
            select
                customer_id,
                '{{ column }}' as attribute,
                cast({{ column }} as string) as value,
                {{ ledger_start() }} as valid_from,
                {{ forever() }} as valid_to
            from {{ relation }}
            union all
        {% endfor %}
    {% endfor %}
    select
        customer_id,
        concat('member:', name) as attribute,
        value,
        {{ ledger_start() }} as valid_from,
        {{ forever() }} as valid_to
    from own_columns
    union all
    select
        customer_id,
        'age' as attribute,
        cast(age as string) as value,
        {{ add_years('birth_date', 'age') }} as valid_from,
        {{ add_years('birth_date', 'age + 1') }} as valid_to
    from birthdays
    union all
    select
        customer_id,
        'is_member' as attribute,
        'false' as value,
        {{ ledger_start() }} as valid_from,
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
    from spans
    where value is not null and valid_from < valid_to
)

select * from known
