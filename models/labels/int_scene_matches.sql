-- grain: one row per customer, rule for a scene and span on which it holds
with matches as (
    {{ rule_matches(ref('scene_rules'), 'scene', ref('int_labelled_spells')) }}
)

select * from matches
