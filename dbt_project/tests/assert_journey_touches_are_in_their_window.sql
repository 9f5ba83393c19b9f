-- A touch is listed from the day on which it is due to its last day, of the latest
-- anchor: nothing early, nothing late, nothing after its last day.
with touches as (
    select * from {{ ref('journey_touches') }}
),

steps as (
    select * from {{ ref('journey_steps') }}
)

select
    touches.touch_id,
    touches.anchor_date,
    touches.due_date,
    touches.last_day,
    touches.days_late
from touches
left join steps on touches.step = steps.step
where
    touches.due_date > {{ as_of_date() }}
    or touches.last_day < {{ as_of_date() }}
    or touches.due_date < touches.anchor_date
    or touches.due_date + touches.days_late <> {{ as_of_date() }}
    or touches.last_day <> touches.due_date + coalesce(steps.grace_days, 0)
    or (
        steps.offset_mode = 'fixed'
        and touches.due_date <> touches.anchor_date + steps.offset_days
    )
