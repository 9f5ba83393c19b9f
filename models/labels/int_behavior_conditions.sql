-- grain: one row per threshold of a behaviour segment, as a condition on an attribute
{{ config(materialized='view') }}
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
with segments as (
    select * from {{ ref('behavior_segments') }}
),

-- Windows are counted backwards; the first one ends on the day.
windows as (
    select listed.window_no
    from (
        values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11)
    ) as listed (window_no)
),

conditions as (
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

final as (
    select
        segment,
        priority,
        segment as rule_id,
        attribute,
        operator,
        value,
        cast(null as string) as value_to
    from conditions
)

select * from final
