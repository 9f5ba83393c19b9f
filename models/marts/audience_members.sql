-- grain: one row per audience and customer who is in it on the as-of date
with stays as (
    select *
    from {{ ref('int_audience_stays') }}
    where valid_from <= {{ as_of_date() }} and valid_to > {{ as_of_date() }}
),

-- What the rules say today; a stay has the cause that it began with.
matches as (
    select
        audience,
        customer_id,
        min_by(rule_id, (priority, rule_id)) as cause
    from {{ ref('int_audience_matches') }}
    where hold_from <= {{ as_of_date() }} and hold_until > {{ as_of_date() }}
    group by audience, customer_id
),

held_out as (
    select *
    from {{ ref('int_holdouts') }}
    where is_held_out and scope in ('global', 'audience')
),

from_all as (
    select
        customer_id,
        min(holdout) as holdout
    from held_out
    where scope = 'global'
    group by customer_id
),

from_one as (
    select
        scope_name as audience,
        customer_id,
        min(holdout) as holdout
    from held_out
    where scope = 'audience'
    group by scope_name, customer_id
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        stays.audience,
        stays.customer_id,
        stays.valid_from as since_date,
        matches.cause,
        coalesce(from_all.holdout, from_one.holdout) is not null as is_held_out,
        coalesce(from_all.holdout, from_one.holdout) as holdout
    from stays
    inner join matches
        on
            stays.audience = matches.audience
            and stays.customer_id = matches.customer_id
    left join from_all on stays.customer_id = from_all.customer_id
    left join from_one
        on
            stays.audience = from_one.audience
            and stays.customer_id = from_one.customer_id
)

select * from final
