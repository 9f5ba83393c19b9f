-- Exactly the touches in their window are decided. That each is decided once is the key
-- of journey_touches.
with due as (
    select touch_id from {{ ref('int_journey_due') }}
),

touches as (
    select touch_id from {{ ref('journey_touches') }}
)

select
    due.touch_id as due_touch_id,
    touches.touch_id as decided_touch_id
from due
full join touches on due.touch_id = touches.touch_id
where due.touch_id is null or touches.touch_id is null
