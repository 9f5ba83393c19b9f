-- grain: one row per cohort month and month since, up to the month of the as-of date
with order_months as (
    select
        customer_id,
        cast(date_trunc('month', day) as date) as month_start,
        sum(amount) as net_amount
    from {{ ref('int_order_days') }}
    where day <= {{ as_of_date() }}
    group by customer_id, cast(date_trunc('month', day) as date)
),

firsts as (
    select
        customer_id,
        min(month_start) as cohort_month
    from order_months
    group by customer_id
),

digits as (
    select listed.digit
    from (
        values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)
    ) as listed (digit)
),

-- More months than there are between any two days that facts may have.
month_numbers as (
    select
        thousands.digit * 1000 + hundreds.digit * 100 + tens.digit * 10 + ones.digit
            as month_no
    from digits as thousands
    cross join digits as hundreds
    cross join digits as tens
    cross join digits as ones
    where thousands.digit < 3
),

cohorts as (
    select
        cohort_month,
        count(*) as customers,
        (year({{ as_of_date() }}) - year(cohort_month)) * 12
        + month({{ as_of_date() }}) - month(cohort_month) as last_month_no
    from firsts
    group by cohort_month
),

-- Months in which nobody of the cohort buys are there too.
cells as (
    select
        cohorts.cohort_month,
        cohorts.customers,
        month_numbers.month_no
    from cohorts
    inner join month_numbers on cohorts.last_month_no >= month_numbers.month_no
),

bought as (
    select
        firsts.cohort_month,
        (year(order_months.month_start) - year(firsts.cohort_month)) * 12
        + month(order_months.month_start) - month(firsts.cohort_month) as month_no,
        count(*) as active,
        sum(order_months.net_amount) as net_amount
    from order_months
    inner join firsts on order_months.customer_id = firsts.customer_id
    group by firsts.cohort_month, order_months.month_start
),

final as (
    select
        cells.cohort_month,
        cast(cells.month_no as int) as month_no,
        cells.customers,
        coalesce(bought.active, 0) as active,
        cast(coalesce(bought.net_amount, 0) as decimal(18, 2)) as net_amount,
        cast(coalesce(bought.active, 0) as double) / cells.customers as active_rate
    from cells
    left join bought
        on
            cells.cohort_month = bought.cohort_month
            and cells.month_no = bought.month_no
)

select * from final
