-- grain: one row per customer, attribute or label of a rule and span of one value
{{ config(materialized='view') }}
with named as (
    select * from {{ ref('int_rule_attributes') }}
),

segments as (
    select * from {{ ref('int_behavior_stays') }}
),

tiers as (
    select * from {{ ref('int_tier_stays') }}
),

crowds as (
    select * from {{ ref('int_crowd_stays') }}
),

plays as (
    select * from {{ ref('int_play_stays') }}
),

due as (
    select * from {{ ref('int_journey_due') }}
),

exits as (
    select * from {{ ref('int_journey_exits') }}
),

-- Of the as-of date alone: what was due before it has been sent, left or missed.
steps as (
    select
        due.customer_id,
        due.journey,
        min_by(due.step, (due.priority, due.step)) as step
    from due
    anti join exits on due.touch_id = exits.touch_id
    group by due.customer_id, due.journey
),

labels as (
    select
        customer_id,
        'behavior_segment' as attribute,
        segment as value,
        valid_from,
        valid_to
    from segments
    union all
    select
        customer_id,
        'identity_tier' as attribute,
        tier as value,
        valid_from,
        valid_to
    from tiers
    union all
    select
        customer_id,
        'play' as attribute,
        play as value,
        valid_from,
        valid_to
    from plays
    union all
    select
        customer_id,
        concat('crowd:', crowd) as attribute,
        'true' as value,
        valid_from,
        valid_to
    from crowds
    union all
    select
        customer_id,
        concat('due:', journey) as attribute,
        step as value,
        {{ as_of_date() }} as valid_from,
        {{ as_of_date() }} + 1 as valid_to
    from steps
),

spells as (
    select
        customer_id,
        attribute,
        value,
        valid_from,
        valid_to
    from {{ ref('int_attribute_spells') }}
    union all
    select labels.*
    from labels
    semi join named on labels.attribute = named.attribute
)

select * from spells
