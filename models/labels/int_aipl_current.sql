-- grain: one row per customer known on the as-of date, with the stage of that day
with customers as (
    select * from {{ ref('dim_customer') }}
),

stays as (
    select * from {{ ref('int_aipl_stays') }}
),

idle as (
    select * from {{ ref('int_customer_idle') }}
),

open_stays as (
    select *
    from stays
    where valid_from <= {{ as_of_date() }} and valid_to > {{ as_of_date() }}
),

-- Who is in no stage has been so since the last stay ended.
closed as (
    select
        customer_id,
        max(valid_to) as none_since,
        max_by(end_cause, valid_to) as end_cause
    from stays
    where valid_to <= {{ as_of_date() }}
    group by customer_id
),

staged as (
    select
        customers.customer_id,
        coalesce(open_stays.stage, 'none') as stage,
        case
            when open_stays.stage is not null then open_stays.valid_from
            else coalesce(
                closed.none_since, {{ local_date('customers.first_seen_at') }}
            )
        end as since_date,
        open_stays.valid_to as lapses_on,
        open_stays.next_stage as lapses_to,
        case
            when open_stays.stage is not null then open_stays.cause
            else coalesce(closed.end_cause, 'no rule has held yet')
        end as cause,
        idle.idle_days
    from customers
    left join open_stays on customers.customer_id = open_stays.customer_id
    left join closed on customers.customer_id = closed.customer_id
    left join idle on customers.customer_id = idle.customer_id
)

select * from staged
