-- grain: one row per customer and crowd that they are in on the as-of date
with stays as (
    select *
    from {{ ref('int_crowd_stays') }}
    where valid_from <= {{ as_of_date() }} and valid_to > {{ as_of_date() }}
),

-- What the rules say today; a stay has the cause that it began with.
matches as (
    select
        customer_id,
        crowd,
        min_by(rule_id, (priority, rule_id)) as cause
    from {{ ref('int_crowd_matches') }}
    where hold_from <= {{ as_of_date() }} and hold_until > {{ as_of_date() }}
    group by customer_id, crowd
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        stays.customer_id,
        stays.crowd,
        stays.valid_from as since_date,
        matches.cause
    from stays
    inner join matches
        on stays.customer_id = matches.customer_id and stays.crowd = matches.crowd
)

select * from final
