-- grain: one row per attribute, operator and value that a rule compares it with
with conditions as (
    select * from {{ ref('int_rule_conditions') }}
),

compared as (
    select
        attribute,
        operator,
        value as bound
    from conditions
    union
    select
        attribute,
        operator,
        value_to as bound
    from conditions
    where value_to is not null
),

named as (
    select
        attribute,
        split_part(attribute, ':', 1) as family,
        split_part(attribute, ':', 2) as detail,
        operator,
        bound
    from compared
)

select * from named
