-- grain: one row per customer known on the as-of date
with customers as (
    select * from {{ ref('dim_customer') }}
),

history as (
    select *
    from {{ ref('int_label_history') }}
    where dimension in ('aipl_stage', 'play')
),

today as (
    select *
    from history
    where valid_from <= {{ as_of_date() }} and valid_to > {{ as_of_date() }}
),

plays as (
    select * from {{ ref('plays') }}
),

facts as (
    select * from {{ ref('int_customer_facts') }}
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        customers.customer_id,
        coalesce(todays_stages.label, 'none') as stage,
        coalesce(todays_stages.label_since, {{ local_date('customers.first_seen_at') }})
            as since_date,
        nullif(todays_plays.label, 'none') as play,
        plays.persona,
        cast({{ as_of_date() }} - facts.last_behavior_date as int) as idle_days,
        case when todays_stages.label <> 'none' then todays_stages.label_until end
            as lapses_on,
        case when todays_stages.label <> 'none' then next_stages.label end as lapses_to,
        coalesce(todays_stages.cause, 'no rule has held yet') as cause
    from customers
    left join today as todays_stages
        on
            customers.customer_id = todays_stages.customer_id
            and todays_stages.dimension = 'aipl_stage'
    left join history as next_stages
        on
            todays_stages.customer_id = next_stages.customer_id
            and next_stages.dimension = 'aipl_stage'
            and todays_stages.label_until = next_stages.valid_from
    left join today as todays_plays
        on
            customers.customer_id = todays_plays.customer_id
            and todays_plays.dimension = 'play'
    left join plays
        on split_part(todays_plays.rule_id, ' ', 1) = cast(plays.priority as string)
    left join facts on customers.customer_id = facts.customer_id
)

select * from final
