-- grain: one row per customer, stage and day on which a rule of it begins or ends
with turns as (
    select * from {{ ref('int_aipl_turns') }}
),

customer_days as (
    select * from {{ ref('int_customer_days') }}
),

-- Where a step begins or ends, the stage changes; elsewhere nobody asks why.
boundaries as (
    select
        customer_id,
        valid_from as on_day
    from {{ ref('int_aipl_steps') }}
    union
    select
        customer_id,
        valid_to as on_day
    from {{ ref('int_aipl_steps') }}
    union
    select
        customer_id,
        from_day as on_day
    from {{ ref('int_aipl_changed') }}
),

asked as (
    select turns.*
    from turns
    semi join boundaries
        on
            turns.customer_id = boundaries.customer_id
            and turns.on_day = boundaries.on_day
),

named as (
    select
        asked.customer_id,
        asked.stage,
        asked.on_day,
        asked.is_begin,
        concat(
            asked.rule_id,
            case when asked.is_begin then ': ' else ' lapsed: ' end,
            case
                when customer_days.first_order_id is not null
                    then concat('order ', customer_days.first_order_id)
                else concat(asked.behavior, ' on ', cast(asked.fact_day as string))
            end,
            case
                when asked.is_begin then ''
                else concat(' is ', cast(asked.window_days as string), ' days ago')
            end
        ) as cause
    from asked
    inner join customer_days
        on
            asked.customer_id = customer_days.customer_id
            and asked.fact_day = customer_days.day
            and asked.behavior = customer_days.behavior
),

-- Of several the first by name, so that the pick is always the same.
causes as (
    select
        customer_id,
        stage,
        on_day,
        is_begin,
        min(cause) as cause
    from named
    group by customer_id, stage, on_day, is_begin
)

select * from causes
