-- grain: one row per row of aipl_rules, with what it is evaluated together with
with rules as (
    select * from {{ ref('aipl_rules') }}
),

sized as (
    select
        rule_id,
        stage,
        behavior,
        window_days,
        coalesce(min_count, 1) as least_events,
        coalesce(min_days, 1) as least_days,
        min_amount as least_amount,
        coalesce(min_count, 1) = 1
        and coalesce(min_days, 1) = 1
        and min_amount is null as is_simple,
        count(*) over (partition by rule_id) as conditions
    from rules
),

-- Rules that one behaviour fulfils are alternatives: those of one stage and window hold
-- together exactly when any of their behaviours happened.
grouped as (
    select
        *,
        case
            when is_simple and conditions = 1
                then concat('any ', stage, ' ', cast(window_days as string))
            else concat('rule ', rule_id)
        end as hold_name,
        case
            when is_simple and conditions = 1 then ''
            else concat_ws(
                ' ',
                behavior,
                cast(window_days as string),
                cast(least_events as string),
                cast(least_days as string),
                cast(least_amount as string)
            )
        end as condition_name
    from sized
),

keyed as (
    select
        rule_id,
        stage,
        behavior,
        window_days,
        least_events,
        least_days,
        least_amount,
        is_simple,
        conditions,
        cast(dense_rank() over (order by hold_name asc) as int) as hold_key,
        cast(
            dense_rank() over (order by hold_name asc, condition_name asc) as int
        ) as condition_key
    from grouped
)

select * from keyed
