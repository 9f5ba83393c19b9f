-- Each touch in its window is decided, once: to be sent or stopped by a reason of that
-- kind, and to be put off exactly to a later day of its window.
with due as (
    select * from {{ ref('int_journey_due') }}
),

touches as (
    select * from {{ ref('journey_touches') }}
),

decided as (
    select
        touch_id,
        count(*) as decisions,
        min(decision) as decision,
        min(reason_kind) as reason_kind,
        min(last_day) as last_day,
        min(defer_until) as defer_until
    from touches
    group by touch_id
)

select
    due.touch_id,
    decided.decisions,
    decided.decision,
    decided.reason_kind,
    decided.last_day,
    decided.defer_until
from due
full join decided on due.touch_id = decided.touch_id
where
    due.touch_id is null
    or coalesce(decided.decisions, 0) <> 1
    or (decided.decision = 'send') <> (decided.reason_kind in ('due', 'catching_up'))
    or (decided.decision = 'defer') <> (decided.defer_until is not null)
    or decided.defer_until <= {{ as_of_date() }}
    or decided.defer_until > decided.last_day
    or (
        decided.decision = 'defer'
        and decided.reason_kind not in ('quiet_day', 'cap')
    )
