-- grain: one row per customer, crowd and scene in which one meets them
with memberships as (
    select * from {{ ref('crowd_membership') }}
),

matches as (
    select *
    from {{ ref('int_scene_matches') }}
    where hold_from <= {{ as_of_date() }} and hold_until > {{ as_of_date() }}
),

rule_crowds as (
    select * from {{ ref('int_scene_crowds') }}
),

final as (
    select distinct
        {{ as_of_date() }} as as_of_date,
        memberships.customer_id,
        memberships.crowd,
        matches.scene
    from memberships
    inner join matches on memberships.customer_id = matches.customer_id
    inner join rule_crowds on matches.rule_id = rule_crowds.rule_id
    where rule_crowds.crowd is null or memberships.crowd = rule_crowds.crowd
)

select * from final
