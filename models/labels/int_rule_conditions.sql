-- grain: one row per condition of a rule about attributes, in rules_pass 1, 2 or 3
{#- A threshold's column, the attribute that it is about, and how that is compared. -#}
{% set thresholds = [
    ('is_member', "'is_member'", '='),
    ('min_orders', "'count:valid_order'", '>='),
    ('max_orders', "'count:valid_order'", '<='),
    ('min_recent_orders', "concat('count_', recent_days, 'd:valid_order')", '>='),
    ('max_recent_orders', "concat('count_', recent_days, 'd:valid_order')", '<='),
    ('min_days_since_order', "'days_since:valid_order'", '>='),
    ('min_silent_days', "'days_silent'", '>='),
    ('min_message_clicks', "'count:message_click'", '>='),
] %}
{#- Rule files that hold conditions: dimension and label of a row. -#}
{% set listed = {
    ref('identity_tiers'): ("'identity_tier'", 'tier'),
    ref('crowd_rules'): ("concat('crowd:', crowd)", 'crowd'),
} %}
with segments as (
    select * from {{ ref('behavior_segments') }}
),

plays as (
    select * from {{ ref('plays') }}
),

scene_rules as (
    select * from {{ ref('scene_rules') }}
),

audience_rules as (
    select rules.*
    from {{ ref('audience_rules') }} as rules
    semi join {{ ref('audiences') }} as audiences
        on rules.audience = audiences.audience and audiences.enabled
),

-- Windows are counted backwards; the first one ends on the day.
windows as (
    select listed.window_no
    from (
        values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11)
    ) as listed (window_no)
),

segment_conditions as (
    {% for column, attribute, operator in thresholds %}
        select
            segment,
            priority,
            {{ attribute }} as attribute,
            '{{ operator }}' as operator,
            lower(cast({{ column }} as string)) as value
        from segments
        where {{ column }} is not null
        union all
    {% endfor %}
    select
        segment,
        priority,
        concat('count_', no_activity_days, 'd:activity_join') as attribute,
        '<=' as operator,
        '0' as value
    from segments
    where no_activity_days is not null
    union all
    select
        segments.segment,
        segments.priority,
        case windows.window_no
            when 0 then concat('count_', segments.window_days, 'd:valid_order')
            else
                concat(
                    'count_',
                    segments.window_days,
                    'd_before_',
                    windows.window_no * segments.window_days,
                    'd:valid_order'
                )
        end as attribute,
        '>=' as operator,
        '1' as value
    from segments
    inner join windows on segments.consecutive_windows > windows.window_no
),

-- A customer who never did anything is idle beyond any bound: another way to reach the
-- least number of days, which no greatest number admits.
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

play_conditions as (
    select
        play,
        priority,
        rule_id,
        case when stage is not null then 'aipl_stage' else 'behavior_segment' end
            as attribute,
        case coalesce(stage, segment) when 'none' then 'is_null' else '=' end
            as operator,
        nullif(coalesce(stage, segment), 'none') as value
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

-- A scene is about the people of the crowds that its rule names, or of every crowd.
named_crowds as (
    select distinct
        rule_id,
        split_part(attribute, ':', 2) as crowd
    from scene_rules
    where attribute like 'crowd:%' and operator <> 'is_null'
),

crowds as (
    select distinct crowd from {{ ref('crowd_rules') }}
),

scene_crowds as (
    select * from named_crowds
    union all
    select distinct
        scene_rules.rule_id,
        crowds.crowd
    from scene_rules
    anti join named_crowds on scene_rules.rule_id = named_crowds.rule_id
    cross join crowds
),

crowd_scenes as (
    select
        concat('scene:', scene_crowds.crowd, ':', scene_rules.scene) as dimension,
        scene_crowds.crowd,
        scene_rules.*
    from scene_rules
    inner join scene_crowds on scene_rules.rule_id = scene_crowds.rule_id
),

conditions as (
    select
        1 as rules_pass,
        'behavior_segment' as dimension,
        segment as label,
        priority,
        segment as rule_id,
        attribute,
        operator,
        value,
        cast(null as string) as value_to
    from segment_conditions
    union all
    {% for rules, (dimension, label) in listed.items() %}
        select
            1 as rules_pass,
            {{ dimension }} as dimension,
            {{ label }} as label,
            priority,
            rule_id,
            attribute,
            operator,
            value,
            value_to
        from {{ rules }}
        union all
    {% endfor %}
    select
        2 as rules_pass,
        'play' as dimension,
        play as label,
        priority,
        rule_id,
        attribute,
        operator,
        value,
        cast(null as string) as value_to
    from play_conditions
    union all
    select
        3 as rules_pass,
        dimension,
        scene as label,
        priority,
        rule_id,
        attribute,
        operator,
        value,
        value_to
    from crowd_scenes
    union all
    select distinct
        3 as rules_pass,
        dimension,
        scene as label,
        priority,
        rule_id,
        concat('crowd:', crowd) as attribute,
        'is_not_null' as operator,
        cast(null as string) as value,
        cast(null as string) as value_to
    from crowd_scenes
    union all
    select
        3 as rules_pass,
        concat('audience:', audience) as dimension,
        audience as label,
        priority,
        rule_id,
        attribute,
        operator,
        value,
        value_to
    from audience_rules
)

select * from conditions
