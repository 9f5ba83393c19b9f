-- grain: one row per customer, with the state of the as-of date
with spells as (
    select * from {{ ref('int_lifecycle_spells') }}
),

stays as (
    select * from {{ ref('int_lifecycle_stays') }}
),

starts as (
    select
        customer_id,
        min(valid_from) as seen_from
    from spells
    group by customer_id
),

past as (
    select
        customer_id,
        max_by(state, valid_from) as state,
        max_by(cause, valid_from) as cause,
        max(valid_from) as valid_from,
        max(valid_to) as valid_to
    from stays
    where valid_from <= {{ as_of_date() }}
    group by customer_id
),

coming as (
    select
        customer_id,
        min_by(state, valid_from) as state,
        min(valid_from) as valid_from
    from stays
    where valid_from > {{ as_of_date() }}
    group by customer_id
),

joined as (
    select
        spells.*,
        starts.seen_from,
        past.state as past_state,
        past.cause as past_cause,
        past.valid_from as past_from,
        past.valid_to as past_to,
        coming.state as coming_state,
        coming.valid_from as coming_from,
        coalesce(past.valid_to > {{ as_of_date() }}, false) as is_in_state
    from spells
    inner join starts on spells.customer_id = starts.customer_id
    left join past on spells.customer_id = past.customer_id
    left join coming on spells.customer_id = coming.customer_id
    where spells.valid_to = {{ forever() }}
),

current_states as (
    select
        customer_id,
        case when is_in_state then past_state else 'none' end as state,
        case
            when is_in_state then past_from
            else coalesce(past_to, seen_from)
        end as since_date,
        case
            when not is_in_state then coming_state
            when past_to = coming_from then coming_state
            when past_to < {{ forever() }} then 'none'
        end as next_state,
        case
            when not is_in_state then coming_from
            when past_to < {{ forever() }} then past_to
        end as next_state_on,
        case
            when is_in_state then past_cause
            when past_state is not null then concat(past_state, ' holds no longer')
            else 'no rule holds'
        end as cause,
        last_order_date,
        first_order_date,
        previous_gap_days,
        own_interval_days
    from joined
)

select * from current_states
