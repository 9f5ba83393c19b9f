-- grain: one row per day that this build scores, the as-of date among them
{% set last_build = var('last_build') %}
{% set is_afresh = (
    last_build is not mapping
    or last_build['changed'] | select('in', [
        'rfm_scoring', 'rfm_segments', 'rfm_window_days', 'ledger_days', 'as_of_date'
    ]) | list
) %}
with order_days as (
    select * from {{ ref('int_changed_order_days') }}
),

-- Scores of a day depend on all orders up to it: one that changed changes later days.
changed as (
    select min(day) as first_day
    from order_days
),

-- The day before the first that can differ is scored as well, to compare with.
bounds as (
    select
        {{ as_of_date() }} as last_day,
        greatest(
            {{ ledger_start() }},
            {% if is_afresh %}
                cast(null as date)
            {% else %}
                least(
                    coalesce(first_day, {{ as_of_date() }}),
                    cast('{{ last_build["as_of_date"] }}' as date) + 1
                ) - 1
            {% endif %}
        ) as first_day
    from changed
),

digits as (
    select listed.digit
    from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as listed (digit)
),

numbers as (
    select hundreds.digit * 100 + tens.digit * 10 + ones.digit as number
    from digits as hundreds
    cross join digits as tens
    cross join digits as ones
),

days as (
    select bounds.first_day + numbers.number as as_of_date
    from bounds
    inner join numbers on bounds.last_day >= bounds.first_day + numbers.number
)

select * from days
