-- grain: one row per comparison (1, 7 and 30 days), from_stage and to_stage
with periods as (
    select *
    from {{ ref('int_aipl_stage_periods') }}
    where stage <> 'none'
),

customers as (
    select * from {{ ref('aipl_stage') }}
),

comparisons as (
    select
        days_back.days,
        {{ as_of_date() }} - days_back.days as from_date,
        {{ as_of_date() }} as to_date
    from (values (1), (7), (30)) as days_back (days)
),

stages as (
    select listed.stage
    from (values ('none'), ('A'), ('I'), ('P'), ('L')) as listed (stage)
),

-- Customers who were unknown on from_date were in no stage then.
earlier as (
    select
        comparisons.from_date,
        periods.customer_id,
        periods.stage
    from periods
    inner join comparisons
        on
            periods.valid_from <= comparisons.from_date
            and periods.valid_to > comparisons.from_date
),

changes as (
    select
        comparisons.from_date,
        coalesce(earlier.stage, 'none') as from_stage,
        customers.stage as to_stage,
        count(*) as customers
    from customers
    cross join comparisons
    left join earlier
        on
            customers.customer_id = earlier.customer_id
            and comparisons.from_date = earlier.from_date
    group by
        comparisons.from_date, coalesce(earlier.stage, 'none'), customers.stage
),

final as (
    select
        comparisons.from_date,
        comparisons.to_date,
        departed.stage as from_stage,
        arrived.stage as to_stage,
        coalesce(changes.customers, 0) as customers
    from comparisons
    cross join stages as departed
    cross join stages as arrived
    left join changes
        on
            comparisons.from_date = changes.from_date
            and departed.stage = changes.from_stage
            and arrived.stage = changes.to_stage
)

select * from final
