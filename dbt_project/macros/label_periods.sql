{#- A select of the labels of customers over time, from rule periods that compete: on
    each day the period of the lowest priority decides, `none` where there is none any
    more.
    One row per customer, dimension and period in which one rule decides for one cause:
    customer_id, dimension, label, rule_id, cause, valid_from (first day), valid_to (first
    day after), label_since and label_until (the same of the unbroken time with this
    label), previous_label (that of the row before, or none).

    `rule_periods` has customer_id, dimension, label, rule_id, priority, cause, end_cause,
    valid_from and valid_to. A label begins because its rule does; where it follows one
    that had precedence, because that has ended, if its end_cause says why. -#}
{% macro label_periods(rule_periods) -%}
    {%- set by_day = '(partition by customer_id, dimension order by valid_from asc)' -%}
    with rule_periods as (
        select * from {{ rule_periods }}
    ),
    points as (
        select
            customer_id,
            dimension,
            valid_from
        from rule_periods
        union
        select
            customer_id,
            dimension,
            valid_to as valid_from
        from rule_periods
        where valid_to < {{ forever() }}
    ),
    intervals as (
        select
            *,
            lead(valid_from, 1, {{ forever() }}) over {{ by_day }} as valid_to
        from points
    ),
    decided as (
        select
            intervals.customer_id,
            intervals.dimension,
            intervals.valid_from,
            coalesce(
                min_by(periods.label, (periods.priority, periods.rule_id)), 'none'
            ) as label,
            min_by(periods.rule_id, (periods.priority, periods.rule_id)) as rule_id,
            min(periods.priority) as priority,
            min_by(periods.cause, (periods.priority, periods.rule_id)) as rule_cause,
            min_by(periods.end_cause, (periods.priority, periods.rule_id)) as end_cause,
            min_by(periods.valid_to, (periods.priority, periods.rule_id)) as rule_until
        from intervals
        left join rule_periods as periods
            on
                intervals.customer_id = periods.customer_id
                and intervals.dimension = periods.dimension
                and intervals.valid_from >= periods.valid_from
                and intervals.valid_to <= periods.valid_to
        group by intervals.customer_id, intervals.dimension, intervals.valid_from
    ),
    compared as (
        select
            *,
            lag(label) over {{ by_day }} as previous_label,
            lag(rule_id) over {{ by_day }} as previous_rule_id,
            lag(rule_cause) over {{ by_day }} as previous_rule_cause,
            lag(priority) over {{ by_day }} as previous_priority,
            lag(rule_until) over {{ by_day }} as previous_until,
            lag(end_cause) over {{ by_day }} as previous_end_cause
        from decided
    ),
    -- All time from the first day on is covered, so that a row ends with the next one.
    periods as (
        select
            customer_id,
            dimension,
            label,
            rule_id,
            case
                when label = 'none' then concat(previous_label, ' holds no longer')
                when
                    previous_until = valid_from
                    and previous_priority < priority
                    and previous_end_cause is not null
                    then previous_end_cause
                else rule_cause
            end as cause,
            valid_from,
            lead(valid_from, 1, {{ forever() }}) over {{ by_day }} as valid_to,
            case when previous_label = label then cast(null as date) else valid_from end
                as label_begins,
            coalesce(previous_label, 'none') as previous_label
        from compared
        where
            label is distinct from previous_label
            or rule_id is distinct from previous_rule_id
            or rule_cause is distinct from previous_rule_cause
    )
    select
        customer_id,
        dimension,
        label,
        rule_id,
        cause,
        valid_from,
        valid_to,
        max(label_begins) over (
            partition by customer_id, dimension
            order by valid_from asc
            rows between unbounded preceding and current row
        ) as label_since,
        coalesce(
            min(label_begins) over (
                partition by customer_id, dimension
                order by valid_from asc
                rows between 1 following and unbounded following
            ),
            {{ forever() }}
        ) as label_until,
        previous_label
    from periods
{%- endmacro %}
