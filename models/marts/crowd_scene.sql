-- grain: one row per customer, crowd and scene in which one meets them
with stays as (
    select *
    from {{ ref('int_scene_stays') }}
    where valid_from <= {{ as_of_date() }} and valid_to > {{ as_of_date() }}
),

-- What the rules say today; a stay has the cause that it began with.
spans as (
    select
        customer_id,
        crowd,
        scene,
        min_by(rule_id, (priority, rule_id)) as cause
    from {{ ref('int_scene_spans') }}
    where hold_from <= {{ as_of_date() }} and hold_until > {{ as_of_date() }}
    group by customer_id, crowd, scene
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        stays.customer_id,
        stays.crowd,
        stays.scene,
        stays.valid_from as since_date,
        spans.cause
    from stays
    inner join spans
        on
            stays.customer_id = spans.customer_id
            and stays.crowd = spans.crowd
            and stays.scene = spans.scene
)

select * from final
