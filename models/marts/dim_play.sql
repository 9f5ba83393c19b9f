-- grain: one row per rule in plays.csv
with plays as (
    select * from {{ ref('plays') }}
),

listed as (
    select
        priority,
        stage,
        segment,
        min_idle_days,
        max_idle_days,
        play,
        persona,
        objective,
        offer_key,
        label_en,
        label_zh
    from plays
)

select * from listed
