-- grain: one row per customer and step that is due on the as-of date and not sent yet
with due as (
    select * from {{ ref('int_journey_due') }}
),

exits as (
    select * from {{ ref('int_journey_exits') }}
),

dated as (
    select
        due.*,
        due.due_date + due.grace_days as last_day,
        cast({{ as_of_date() }} - due.due_date as int) as days_late,
        exits.left_on,
        exits.exit_kind
    from due
    left join exits on due.touch_id = exits.touch_id
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
        label_en,
        label_zh,
        case when exit_kind is null then 'planned' else 'exit' end as decision,
        case
            when exit_kind is not null
                then concat(
                    'left: ',
                    replace(exit_kind, '_', ' '),
                    ' on ',
                    cast(left_on as string)
                )
            when days_late = 0 then 'due today'
            when days_late = 1 then 'catching up, 1 day late'
            else concat('catching up, ', days_late, ' days late')
        end as reason
    from dated
)

select * from decided
