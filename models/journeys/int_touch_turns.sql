-- grain: one row per touch that nothing but a cap may stop
{% set in_turn = 'order by priority asc nulls last, due_date asc, touch_id asc' %}
{% set above = 'rows between unbounded preceding and 1 preceding' %}
with touches as (
    select *
    from {{ ref('int_touch_barriers') }}
    where barrier is null
),

room as (
    select
        customer_id,
        scope,
        min(room) as room
    from {{ ref('int_contact_room') }}
    group by customer_id, scope
),

global_room as (
    select *
    from room
    where scope = 'global'
),

channel_turns as (
    select
        *,
        row_number() over (partition by customer_id, counts_as {{ in_turn }}) as turn
    from touches
),

-- The first of each channel, then the first of those together: whoever takes one touch
-- after the other, and sends it if its channel and all together have room, sends these.
kept as (
    select
        channel_turns.*,
        coalesce(channel_turns.turn <= room.room, true) as is_kept
    from channel_turns
    left join room
        on
            channel_turns.customer_id = room.customer_id
            and channel_turns.counts_as = room.scope
),

kept_turns as (
    select
        *,
        row_number() over (partition by customer_id, is_kept {{ in_turn }})
            as kept_turn
    from kept
),

sent as (
    select
        kept_turns.*,
        kept_turns.is_kept
        and coalesce(kept_turns.kept_turn <= global_room.room, true) as is_sent,
        case
            when
                kept_turns.is_kept
                and coalesce(kept_turns.kept_turn <= global_room.room, true)
                then 1
            else 0
        end as sends
    from kept_turns
    left join global_room on kept_turns.customer_id = global_room.customer_id
),

counted as (
    select
        touch_id,
        customer_id,
        counts_as,
        is_sent,
        cast(sum(sends) over (partition by customer_id) as int) as sent,
        cast(sum(sends) over (partition by customer_id, counts_as) as int)
            as sent_on_channel,
        cast(coalesce(sum(sends) over (
            partition by customer_id {{ in_turn }} {{ above }}
        ), 0) as int) as sent_above,
        cast(coalesce(sum(sends) over (
            partition by customer_id, counts_as {{ in_turn }} {{ above }}
        ), 0) as int) as sent_above_on_channel
    from sent
)

select * from counted
