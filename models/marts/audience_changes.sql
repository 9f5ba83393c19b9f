-- grain: one row per audience and customer whose membership changed on the as-of date
with today as (
    select * from {{ ref('audience_members') }}
),

yesterday as (
    select
        label as audience,
        customer_id,
        rule_id as cause
    from {{ ref('int_audience_periods') }}
    where
        dimension like 'audience:%'
        and label <> 'none'
        and valid_from < {{ as_of_date() }}
        and valid_to >= {{ as_of_date() }}
),

compared as (
    select
        coalesce(today.audience, yesterday.audience) as audience,
        coalesce(today.customer_id, yesterday.customer_id) as customer_id,
        today.cause,
        yesterday.cause as previous_cause
    from today
    full join yesterday
        on
            today.audience = yesterday.audience
            and today.customer_id = yesterday.customer_id
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        audience,
        customer_id,
        case
            when previous_cause is null then 'add'
            when cause is null then 'remove'
            else 'update'
        end as change,
        cause,
        previous_cause
    from compared
    where cause is distinct from previous_cause
)

select * from final
