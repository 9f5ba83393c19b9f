-- grain: one row per customer, rule for a crowd and span on which it holds
with matches as (
    {{ rule_matches(ref('crowd_rules'), 'crowd', ref('int_attribute_spells')) }}
)

select * from matches
