-- grain: one row per customer known on the as-of date
with states as (
    select * from {{ ref('int_lifecycle_current') }}
),

customers as (
    select * from {{ ref('dim_customer') }}
),

-- The shop's interval on the as-of date, null while nobody has bought twice.
shop as (
    select max(interval_days) as interval_days
    from {{ ref('int_lifecycle_intervals') }}
    where valid_to = {{ forever() }}
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        customers.customer_id,
        states.state,
        case
            when states.last_order_date is null
                then {{ local_date('customers.first_seen_at') }}
            else states.since_date
        end as since_date,
        cast({{ as_of_date() }} - states.last_order_date as int)
            as days_since_last_order,
        cast({{ as_of_date() }} - states.first_order_date as int)
            as days_since_first_order,
        states.previous_gap_days,
        coalesce(states.own_interval_days, shop.interval_days)
            as expected_interval_days,
        states.next_state,
        states.next_state_on,
        states.cause
    from customers
    inner join states on customers.customer_id = states.customer_id
    cross join shop
)

select * from final
