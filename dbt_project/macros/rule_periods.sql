{#- A select of rule periods: from when to when customers fulfil all conditions of a
    rule, as customer_id, dimension, label, rule_id, priority, cause (the rule), end_cause (null),
    valid_from (first day) and valid_to (first day after). Periods of one rule and
    customer never overlap.

    `conditions` has a row a condition: dimension, label, priority, rule_id, attribute,
    operator, value, value_to. `attributes` has one value at most for a customer,
    attribute and day, in periods from valid_from to valid_to; where it grows by one a day,
    it has instead the day grows_from on which it is 0. `customers` has everybody the rules
    look at, from the day known_from on. -#}
{% macro rule_periods(conditions, attributes, customers) -%}
    with conditions as (
        select
            *,
            count(*) over (partition by dimension, rule_id) as conditions,
            -- A number is sorted and grouped by faster than names.
            dense_rank() over (
                order by dimension asc, label asc, rule_id asc, priority asc
            ) as rule_no
        from {{ conditions }}
    ),
    rules as (
        select distinct
            rule_no,
            dimension,
            label,
            rule_id,
            priority
        from conditions
    ),
    attributes as (
        select attributes.*
        from {{ attributes }} as attributes
        semi join conditions on attributes.attribute = conditions.attribute
        semi join {{ customers }} as customers
            on attributes.customer_id = customers.customer_id
    ),
    asked_for_absence as (
        select distinct attribute
        from conditions
        where operator = 'is_null'
    ),
    -- A customer has no value from the end of one to the beginning of the next.
    valued as (
        select
            attributes.customer_id,
            attributes.attribute,
            attributes.valid_from,
            attributes.valid_to
        from attributes
        semi join asked_for_absence
            on attributes.attribute = asked_for_absence.attribute
        union all
        select
            customers.customer_id,
            asked_for_absence.attribute,
            {{ forever() }} as valid_from,
            {{ forever() }} as valid_to
        from {{ customers }} as customers
        cross join asked_for_absence
    ),
    absences as (
        select
            valued.customer_id,
            valued.attribute,
            coalesce(
                lag(valued.valid_to) over (
                    partition by valued.customer_id, valued.attribute
                    order by valued.valid_from asc, valued.valid_to asc
                ),
                customers.known_from
            ) as absent_from,
            valued.valid_from as absent_until
        from valued
        inner join {{ customers }} as customers
            on valued.customer_id = customers.customer_id
    ),
    -- What grows fulfils a condition from one number of days to another.
    day_ranges as (
        select
            rule_no,
            conditions,
            attribute,
            from_days,
            until_days
        from ({{ day_ranges('conditions') }}) as ranges
    ),
    grown as (
        select
            day_ranges.rule_no,
            day_ranges.conditions,
            attributes.customer_id,
            greatest(
                attributes.valid_from, attributes.grows_from + day_ranges.from_days
            ) as valid_from,
            coalesce(
                least(
                    attributes.valid_to, attributes.grows_from + day_ranges.until_days
                ),
                attributes.valid_to
            ) as valid_to
        from day_ranges
        inner join attributes on day_ranges.attribute = attributes.attribute
        where attributes.grows_from is not null
    ),
    fulfilled as (
        select *
        from grown
        where valid_from < valid_to
        union all
        select
            conditions.rule_no,
            conditions.conditions,
            attributes.customer_id,
            attributes.valid_from,
            attributes.valid_to
        from conditions
        inner join attributes on conditions.attribute = attributes.attribute
        where
            {{ is_fulfilled(
                'attributes.value', 'conditions.operator', 'conditions.value',
                'conditions.value_to'
            ) }}
        union all
        select
            conditions.rule_no,
            conditions.conditions,
            absences.customer_id,
            absences.absent_from as valid_from,
            absences.absent_until as valid_to
        from conditions
        inner join absences on conditions.attribute = absences.attribute
        where
            conditions.operator = 'is_null'
            and absences.absent_from < absences.absent_until
    ),
    {{ conjunction_periods('fulfilled', ['rule_no'], 'conditions') }}
    select
        conjunction_periods.customer_id,
        rules.dimension,
        rules.label,
        rules.rule_id,
        rules.priority,
        rules.rule_id as cause,
        cast(null as string) as end_cause,
        conjunction_periods.valid_from,
        conjunction_periods.valid_to
    from conjunction_periods
    inner join rules on conjunction_periods.rule_no = rules.rule_no
{%- endmacro %}
