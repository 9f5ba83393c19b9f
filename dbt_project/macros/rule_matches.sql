{#- A select of who fulfils which rule of a rule file, and from when to when: the
    group's column, rule_id, priority, cause (the rule), customer_id, hold_from (first
    day) and hold_until (first day after). Spans of one rule and customer never overlap.

    `rules` has a row a condition: the column `group`, priority, rule_id, attribute,
    operator, value, value_to. `attributes` has one value at most a customer, attribute and
    day, in spells from valid_from to valid_to (first day after). -#}
{% macro rule_matches(rules, group, attributes) -%}
    with conditions as (
        select
            {{ group }},
            priority,
            rule_id,
            attribute,
            operator,
            value,
            value_to,
            count(*) over (partition by rule_id) as conditions,
            -- A number is sorted and grouped by faster than three names.
            dense_rank() over (order by {{ group }} asc, rule_id asc, priority asc)
                as rule_no
        from {{ rules }}
    ),
    numbered_rules as (
        select distinct
            rule_no,
            {{ group }},
            rule_id,
            priority
        from conditions
    ),
    spells as (
        select spells.*
        from {{ attributes }} as spells
        semi join conditions on spells.attribute = conditions.attribute
    ),
    may_be_absent as (
        select distinct attribute
        from conditions
        where operator = 'is_null'
    ),
    compared as (
        select spells.*
        from spells
        semi join may_be_absent on spells.attribute = may_be_absent.attribute
    ),
    absences as (
        {{ absences('compared', 'may_be_absent') }}
    ),
    fulfilled as (
        select
            conditions.rule_no,
            conditions.conditions,
            spells.customer_id,
            spells.valid_from as hold_from,
            spells.valid_to as hold_until
        from conditions
        inner join spells on conditions.attribute = spells.attribute
        where
            {{ is_fulfilled(
                'spells.value', 'conditions.operator', 'conditions.value',
                'conditions.value_to'
            ) }}
        union all
        select
            conditions.rule_no,
            conditions.conditions,
            absences.customer_id,
            absences.absent_from as hold_from,
            absences.absent_until as hold_until
        from conditions
        inner join absences on conditions.attribute = absences.attribute
        where conditions.operator = 'is_null'
    ),
    {{ held_together('fulfilled', ['rule_no'], 'conditions') }}
    select
        rules.{{ group }},
        rules.rule_id,
        rules.priority,
        rules.rule_id as cause,
        held_together.customer_id,
        held_together.hold_from,
        held_together.hold_until
    from held_together
    inner join numbered_rules as rules on held_together.rule_no = rules.rule_no
{%- endmacro %}
