-- grain: one row per customer and unbroken stay in a play
{% set matches %}(
    {{ rule_matches(ref('int_play_conditions'), 'play', ref('int_attribute_spells')) }}
){% endset %}
with stays as (
    {{ stays_by_priority(matches, 'play') }}
)

select * from stays
