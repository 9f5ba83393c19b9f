-- grain: one row per customer, behaviour segment and span on which its thresholds hold
with matches as (
    {{ rule_matches(
        ref('int_behavior_conditions'), 'segment', ref('int_attribute_spells')
    ) }}
)

select * from matches
