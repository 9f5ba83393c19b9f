-- grain: one row per customer and step that is due on the as-of date and not sent yet
with due as (
    select * from {{ ref('int_journey_due') }}
),

suppressions as (
    select * from {{ ref('int_touch_suppressions') }}
),

allocation as (
    select * from {{ ref('int_quota_allocation') }}
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
        case when not allocation.is_sent then 'cap' else suppressions.suppression end
            as suppression,
        coalesce(suppressions.reason, allocation.reason) as suppression_reason,
        coalesce(suppressions.opens_on, allocation.opens_on) as opens_on
    from dated
    inner join suppressions on dated.touch_id = suppressions.touch_id
    left join allocation on dated.touch_id = allocation.touch_id
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
            when suppression is null then 'send'
            when opens_on <= last_day then 'defer'
            else 'suppress'
        end as decision,
        case when opens_on <= last_day then opens_on end as defer_until,
        case
            when suppression is not null then suppression
            when days_late = 0 then 'due'
            else 'catching_up'
        end as reason_kind,
        case
            when suppression is not null then suppression_reason
            when days_late = 0 then 'due today'
            when days_late = 1 then 'catching up, 1 day late'
            else concat('catching up, ', days_late, ' days late')
        end as reason
    from stopped
)

select * from decided
