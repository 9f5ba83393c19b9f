-- grain: one row per customer, rule for an enabled audience and span on which it holds
{% set rules %}(
    select rules.*
    from {{ ref('audience_rules') }} as rules
    semi join {{ ref('audiences') }} as audiences
        on rules.audience = audiences.audience and audiences.enabled
){% endset %}
with matches as (
    {{ rule_matches(rules, 'audience', ref('int_labelled_spells')) }}
)

select * from matches
