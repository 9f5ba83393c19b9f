-- grain: one row per customer and unbroken stay in an identity tier
with stays as (
    {{ stays_by_priority(ref('int_tier_matches'), 'tier') }}
)

select * from stays
