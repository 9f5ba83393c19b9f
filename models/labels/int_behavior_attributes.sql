-- grain: one row per customer, attribute that counts and span in which it has a value
with facts as (
    select * from {{ ref('int_counted_facts') }}
),

customers as (
    select * from {{ ref('int_rule_customers') }}
),

named as (
    select distinct attribute
    from {{ ref('int_rule_attributes') }}
    where family like 'count%' or family = 'scene'
    union
    select 'contribution_points' as attribute
),

-- A count changes on the day of a fact and when it is out of the window; everybody has
-- a count of zero to begin with.
changes as (
    select
        customer_id,
        attribute,
        day as on_day,
        amount
    from facts
    union all
    select
        customer_id,
        attribute,
        day + window_days as on_day,
        -amount as amount
    from facts
    where window_days is not null
    union all
    select
        customers.customer_id,
        named.attribute,
        customers.known_from as on_day,
        0 as amount
    from customers
    cross join named
),

daily as (
    select
        customer_id,
        attribute,
        greatest(on_day, {{ ledger_start() }}) as on_day,
        sum(amount) as amount
    from changes
    group by customer_id, attribute, greatest(on_day, {{ ledger_start() }})
),

spans as (
    select
        customer_id,
        attribute,
        cast(cast(sum(amount) over by_day as bigint) as string) as value,
        on_day as valid_from,
        coalesce(lead(on_day) over by_day, {{ forever() }}) as valid_to
    from daily
    window by_day as (partition by customer_id, attribute order by on_day asc)
)

select * from spans
