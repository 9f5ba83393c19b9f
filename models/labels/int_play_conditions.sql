-- grain: one row per condition of a play about a stage, and way to fulfil it
{{ config(materialized='view') }}
with plays as (
    select *
    from {{ ref('plays') }}
    where stage is not null
),

-- Who never did anything is idle beyond any bound: a way of its own to reach the least,
-- which no greatest admits.
ways as (
    select
        *,
        cast(priority as string) as rule_id,
        false as has_never_acted
    from plays
    union all
    select
        *,
        concat(cast(priority as string), ' never') as rule_id,
        true as has_never_acted
    from plays
    where min_idle_days is not null and max_idle_days is null
),

conditions as (
    select
        play,
        priority,
        rule_id,
        'aipl_stage' as attribute,
        case stage when 'none' then 'is_null' else '=' end as operator,
        nullif(stage, 'none') as value
    from ways
    union all
    select
        play,
        priority,
        rule_id,
        'days_idle' as attribute,
        case when has_never_acted then 'is_null' else '>=' end as operator,
        case when not has_never_acted then cast(min_idle_days as string) end as value
    from ways
    where min_idle_days is not null
    union all
    select
        play,
        priority,
        rule_id,
        'days_idle' as attribute,
        '<=' as operator,
        cast(max_idle_days as string) as value
    from ways
    where max_idle_days is not null
),

final as (
    select
        play,
        priority,
        rule_id,
        attribute,
        operator,
        value,
        cast(null as string) as value_to
    from conditions
)

select * from final
