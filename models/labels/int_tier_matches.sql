-- grain: one row per customer, rule for an identity tier and span on which it holds
with matches as (
    {{ rule_matches(ref('identity_tiers'), 'tier', ref('int_attribute_spells')) }}
)

select * from matches
