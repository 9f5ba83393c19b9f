-- grain: one row per customer known on the as-of date
with customers as (
    select * from {{ ref('int_aipl_current') }}
),

plays as (
    select * from {{ ref('plays') }}
),

-- Who never did anything has been idle for longer than any bound.
matches as (
    select
        customers.customer_id,
        min_by(plays.play, plays.priority) as play,
        min_by(plays.persona, plays.priority) as persona
    from customers
    inner join plays on customers.stage = plays.stage
    where
        coalesce(customers.idle_days >= plays.min_idle_days, true)
        and (plays.max_idle_days is null or customers.idle_days <= plays.max_idle_days)
    group by customers.customer_id
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        customers.customer_id,
        customers.stage,
        customers.since_date,
        matches.play,
        matches.persona,
        customers.idle_days,
        customers.lapses_on,
        customers.lapses_to,
        customers.cause
    from customers
    left join matches on customers.customer_id = matches.customer_id
)

select * from final
