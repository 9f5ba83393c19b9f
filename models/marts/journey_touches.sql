-- grain: one row per customer and step that is due on the as-of date and not sent yet
with due as (
    select * from {{ ref('int_journey_due') }}
),

barriers as (
    select * from {{ ref('int_touch_barriers') }}
),

caps as (
    select * from {{ ref('int_touch_caps') }}
),

dated as (
    select
        due.*,
        due.due_date + due.grace_days as last_day,
        cast({{ as_of_date() }} - due.due_date as int) as days_late
    from due
),

stopped as (
    select
        dated.*,
        case when caps.touch_id is not null then 'cap' else barriers.barrier end
            as barrier,
        coalesce(barriers.reason, caps.reason) as barrier_reason,
        coalesce(barriers.opens_on, caps.opens_on) as opens_on
    from dated
    inner join barriers on dated.touch_id = barriers.touch_id
    left join caps on dated.touch_id = caps.touch_id
),

decided as (
    select
        {{ as_of_date() }} as as_of_date,
        touch_id,
        customer_id,
        journey,
        step,
        anchor_date,
        due_date,
        last_day,
        days_late,
        channel,
        content_key,
        offer_key,
        priority,
        label_en,
        label_zh,
        case
            when barrier is null then 'send'
            when opens_on <= last_day then 'defer'
            else 'suppress'
        end as decision,
        case when opens_on <= last_day then opens_on end as defer_until,
        case
            when barrier is not null then barrier
            when days_late = 0 then 'due'
            else 'catching_up'
        end as reason_kind,
        case
            when barrier is not null then barrier_reason
            when days_late = 0 then 'due today'
            when days_late = 1 then 'catching up, 1 day late'
            else concat('catching up, ', days_late, ' days late')
        end as reason
    from stopped
)

select * from decided
