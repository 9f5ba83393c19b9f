-- grain: one row per touch that a cap stops
with stopped as (
    select *
    from {{ ref('int_touch_turns') }}
    where not is_sent
),

room as (
    select * from {{ ref('int_contact_room') }}
),

contact_turns as (
    select * from {{ ref('int_contact_turns') }}
),

spells as (
    select * from {{ ref('int_quiet_spells') }}
),

scoped as (
    select
        touch_id,
        customer_id,
        counts_as,
        'global' as scope,
        sent,
        sent_above
    from stopped
    union all
    select
        touch_id,
        customer_id,
        counts_as,
        counts_as as scope,
        sent_on_channel as sent,
        sent_above_on_channel as sent_above
    from stopped
),

capped as (
    select
        scoped.touch_id,
        scoped.customer_id,
        scoped.counts_as,
        scoped.scope,
        scoped.sent,
        room.priority,
        room.reason,
        room.window_days,
        room.next_unit_on,
        room.room <= scoped.sent_above as is_binding,
        room.room > scoped.sent as has_room,
        room.max_contacts - scoped.sent as turn
    from scoped
    inner join room
        on
            scoped.customer_id = room.customer_id
            and scoped.scope = room.scope
),

-- A cap of days frees when the contact that fills it is so many days ago. What is sent
-- today are the latest contacts.
freed as (
    select
        capped.touch_id,
        capped.counts_as,
        min_by(capped.reason, case when capped.is_binding then capped.priority end)
            as reason,
        max(
            case
                when capped.has_room then {{ as_of_date() }} + 1
                when capped.window_days is null then capped.next_unit_on
                else
                    coalesce(contact_turns.sent_date, {{ as_of_date() }})
                    + capped.window_days
            end
        ) as frees_on
    from capped
    left join contact_turns
        on
            capped.customer_id = contact_turns.customer_id
            and capped.scope = contact_turns.scope
            and capped.turn = contact_turns.turn
    group by capped.touch_id, capped.counts_as
),

quiet as (
    select
        freed.touch_id,
        spells.reopens_on
    from freed
    inner join spells
        on
            freed.counts_as = spells.channel
            and freed.frees_on >= spells.starts_on
            and freed.frees_on < spells.reopens_on
),

final as (
    select
        freed.touch_id,
        freed.reason,
        coalesce(quiet.reopens_on, freed.frees_on) as opens_on
    from freed
    left join quiet on freed.touch_id = quiet.touch_id
)

select * from final
