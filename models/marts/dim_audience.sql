-- grain: one row per audience of the rules, enabled or not
with audiences as (
    select * from {{ ref('audiences') }}
),

counted as (
    select
        audience,
        count(*) as members,
        count(*) filter (where is_held_out) as held_out
    from {{ ref('audience_members') }}
    group by audience
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        audiences.audience,
        audiences.play,
        audiences.channel,
        audiences.enabled as is_enabled,
        coalesce(audiences.label_en, audiences.audience) as label_en,
        coalesce(audiences.label_zh, audiences.audience) as label_zh,
        coalesce(counted.members, 0) as members,
        coalesce(counted.held_out, 0) as held_out
    from audiences
    left join counted on audiences.audience = counted.audience
)

select * from final
