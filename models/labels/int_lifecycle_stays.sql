-- grain: one row per customer and unbroken stay in one state
with holds as (
    select * from {{ ref('int_lifecycle_holds') }}
),

-- Why a stay begins is found below, and not carried along.
spans_of_rules as (
    select
        customer_id,
        state,
        priority,
        '' as cause,
        hold_from,
        hold_until
    from holds
),

stays as (
    {{ stays_by_priority('spans_of_rules', 'state') }}
),

turns as (
    select
        customer_id,
        hold_from as on_day,
        priority,
        cause
    from holds
    union all
    select
        customer_id,
        hold_until as on_day,
        priority,
        end_cause as cause
    from holds
    where end_cause is not null
),

-- A stay begins because its rule does, or because one of lower priority has ended. Of
-- all rules that turn on that day it is the one of lowest priority: any lower one would
-- have decided the state on both days.
causes as (
    select
        stays.customer_id,
        stays.valid_from,
        min_by(turns.cause, turns.priority) as cause
    from stays
    inner join turns
        on
            stays.customer_id = turns.customer_id
            and stays.valid_from = turns.on_day
    group by stays.customer_id, stays.valid_from
),

explained as (
    select
        stays.customer_id,
        stays.state,
        causes.cause,
        stays.valid_from,
        stays.valid_to
    from stays
    inner join causes
        on
            stays.customer_id = causes.customer_id
            and stays.valid_from = causes.valid_from
)

select * from explained
