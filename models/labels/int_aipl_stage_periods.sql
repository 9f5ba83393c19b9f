-- grain: one row per customer and unbroken time in a stage, or in none after the first
{% set unnamed = "'the amount in the window changed'" %}
-- depends_on: {{ ref('int_changed_customers') }}
with rule_periods as (
    select * from {{ ref('int_aipl_rule_periods') }}
),

condition_periods as (
    select * from {{ ref('int_aipl_condition_periods') }}
),

conditions as (
    select * from {{ ref('int_aipl_conditions') }}
),

customer_days as (
    select * from {{ ref('int_customer_days') }}
),

points as (
    select
        customer_id,
        valid_from as on_day,
        stage,
        1 as change
    from rule_periods
    union all
    select
        customer_id,
        valid_to as on_day,
        stage,
        -1 as change
    from rule_periods
),

daily as (
    select
        customer_id,
        on_day,
        sum(case when stage = 'A' then change else 0 end) as a,
        sum(case when stage = 'I' then change else 0 end) as i,
        sum(case when stage = 'P' then change else 0 end) as p,
        sum(case when stage = 'L' then change else 0 end) as l
    from points
    group by customer_id, on_day
),

held as (
    select
        customer_id,
        on_day as valid_from,
        sum(a) over by_day as a,
        sum(i) over by_day as i,
        sum(p) over by_day as p,
        sum(l) over by_day as l
    from daily
    window by_day as (partition by customer_id order by on_day asc)
),

staged as (
    select
        customer_id,
        valid_from,
        case
            when l > 0 then 'L'
            when p > 0 then 'P'
            when i > 0 then 'I'
            when a > 0 then 'A'
            else 'none'
        end as stage
    from held
),

compared as (
    select
        *,
        lag(stage, 1, 'none') over (
            partition by customer_id
            order by valid_from asc
        ) as previous_stage
    from staged
),

-- A stage begins by a rule of its own where it is higher than the one before; else
-- because the one before has lapsed.
changes as (
    select
        customer_id,
        stage,
        valid_from,
        lead(valid_from, 1, {{ forever() }}) over (
            partition by customer_id
            order by valid_from asc
        ) as valid_to,
        {{ aipl_rank('previous_stage') }} < {{ aipl_rank('stage') }} as is_begin,
        case
            when {{ aipl_rank('previous_stage') }} < {{ aipl_rank('stage') }} then stage
            else previous_stage
        end as moving_stage,
        previous_stage
    from compared
    where stage <> previous_stage
),

-- A rule begins to hold by a fact of that day, and stops window_days after one; of
-- several conditions, those are why that began or stopped on the day themselves.
events as (
    select
        rule_periods.customer_id,
        rule_periods.stage,
        rule_periods.valid_from as on_day,
        true as is_begin,
        conditions.rule_id,
        conditions.behavior,
        conditions.window_days,
        rule_periods.valid_from as fact_day
    from rule_periods
    semi join changes
        on
            rule_periods.customer_id = changes.customer_id
            and rule_periods.valid_from = changes.valid_from
    inner join conditions on rule_periods.hold_key = conditions.hold_key
    semi join condition_periods
        on
            rule_periods.customer_id = condition_periods.customer_id
            and rule_periods.valid_from = condition_periods.valid_from
            and conditions.condition_key = condition_periods.condition_key
    union all
    select
        rule_periods.customer_id,
        rule_periods.stage,
        rule_periods.valid_to as on_day,
        false as is_begin,
        conditions.rule_id,
        conditions.behavior,
        conditions.window_days,
        rule_periods.valid_to - conditions.window_days as fact_day
    from rule_periods
    semi join changes
        on
            rule_periods.customer_id = changes.customer_id
            and rule_periods.valid_to = changes.valid_from
    inner join conditions on rule_periods.hold_key = conditions.hold_key
    semi join condition_periods
        on
            rule_periods.customer_id = condition_periods.customer_id
            and rule_periods.valid_to = condition_periods.valid_to
            and conditions.condition_key = condition_periods.condition_key
),

-- Of several causes the first by name, so that the pick is always the same.
causes as (
    select
        events.customer_id,
        events.stage,
        events.on_day,
        events.is_begin,
        min(
            concat(
                events.rule_id,
                case when events.is_begin then ': ' else ' lapsed: ' end,
                case
                    when customer_days.first_order_id is not null
                        then concat('order ', customer_days.first_order_id)
                    else concat(
                        events.behavior, ' on ', cast(events.fact_day as string)
                    )
                end,
                case
                    when events.is_begin then ''
                    else concat(' is ', cast(events.window_days as string), ' days ago')
                end
            )
        ) as cause
    from events
    inner join customer_days
        on
            events.customer_id = customer_days.customer_id
            and events.fact_day = customer_days.day
            and events.behavior = customer_days.behavior
    group by events.customer_id, events.stage, events.on_day, events.is_begin
),

periods as (
    select
        changes.customer_id,
        changes.stage,
        changes.valid_from,
        changes.valid_to,
        coalesce(causes.cause, {{ unnamed }}) as cause,
        changes.previous_stage
    from changes
    left join causes
        on
            changes.customer_id = causes.customer_id
            and changes.moving_stage = causes.stage
            and changes.valid_from = causes.on_day
            and changes.is_begin = causes.is_begin
)

select * from periods
