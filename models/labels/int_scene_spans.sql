-- grain: one row per customer, crowd, rule for a scene and span on which both hold
with matches as (
    select * from {{ ref('int_scene_matches') }}
),

stays as (
    select * from {{ ref('int_crowd_stays') }}
),

rule_crowds as (
    select * from {{ ref('int_scene_crowds') }}
),

spans as (
    select
        stays.customer_id,
        stays.crowd,
        matches.scene,
        matches.rule_id,
        matches.priority,
        matches.cause,
        greatest(stays.valid_from, matches.hold_from) as hold_from,
        least(stays.valid_to, matches.hold_until) as hold_until
    from matches
    inner join rule_crowds on matches.rule_id = rule_crowds.rule_id
    inner join stays
        on
            matches.customer_id = stays.customer_id
            and matches.hold_from < stays.valid_to
            and matches.hold_until > stays.valid_from
    where rule_crowds.crowd is null or stays.crowd = rule_crowds.crowd
)

select * from spans
