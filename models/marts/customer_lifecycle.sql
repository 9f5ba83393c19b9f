-- grain: one row per customer known on the as-of date
with customers as (
    select * from {{ ref('dim_customer') }}
),

purchase_periods as (
    select * from {{ ref('int_purchase_periods') }}
),

history as (
    select * from {{ ref('int_lifecycle_periods') }}
),

-- States are told from the order on that was the last when the ledger began.
starts as (
    select
        customer_id,
        min(valid_from) as told_from
    from purchase_periods
    where valid_to > {{ ledger_start() }}
    group by customer_id
),

-- The shop's interval on the as-of date, null while nobody has bought twice.
shop as (
    select max(interval_days) as interval_days
    from {{ ref('int_usual_intervals') }}
    where valid_to = {{ forever() }}
),

today as (
    select
        starts.customer_id,
        starts.told_from,
        coalesce(history.label, 'none') as state,
        greatest(coalesce(history.label_since, starts.told_from), starts.told_from)
            as since_date,
        history.label_until
    from starts
    left join history
        on
            starts.customer_id = history.customer_id
            and history.valid_from <= {{ as_of_date() }}
            and history.valid_to > {{ as_of_date() }}
),

-- A customer in no state yet comes into the first one that begins.
firsts as (
    select
        customer_id,
        min(valid_from) as valid_from
    from history
    group by customer_id
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        customers.customer_id,
        today.state,
        case
            when last_periods.last_order_date is null
                then {{ local_date('customers.first_seen_at') }}
            else today.since_date
        end as since_date,
        cast({{ as_of_date() }} - last_periods.last_order_date as int)
            as days_since_last_order,
        cast({{ as_of_date() }} - last_periods.first_order_date as int)
            as days_since_first_order,
        last_periods.previous_gap_days,
        coalesce(last_periods.own_interval_days, shop.interval_days)
            as expected_interval_days,
        next_states.label as next_state,
        next_states.valid_from as next_state_on,
        case
            when today.state = 'none' and today.since_date = today.told_from
                then 'no rule holds'
            else causes.cause
        end as cause
    from customers
    inner join today on customers.customer_id = today.customer_id
    inner join purchase_periods as last_periods
        on
            customers.customer_id = last_periods.customer_id
            and last_periods.valid_to = {{ forever() }}
    cross join shop
    left join firsts on customers.customer_id = firsts.customer_id
    left join history as next_states
        on
            customers.customer_id = next_states.customer_id
            and coalesce(today.label_until, firsts.valid_from) = next_states.valid_from
    left join history as causes
        on
            customers.customer_id = causes.customer_id
            and today.since_date >= causes.valid_from
            and today.since_date < causes.valid_to
)

select * from final
