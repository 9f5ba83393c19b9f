-- grain: one row per customer and step that is due or in its grace days, and not sent
with anchors as (
    select * from {{ ref('int_journey_anchors') }}
),

run_outs as (
    select * from {{ ref('int_journey_run_outs') }}
),

steps as (
    select * from {{ ref('int_journey_steps') }}
),

contacts as (
    select * from {{ ref('int_contacts') }}
),

-- What has failed has not been sent, and may be tried again.
sent as (
    select distinct touch_id
    from contacts
    where touch_id is not null and coalesce(outcome, 'sent') <> 'failed'
),

clocks as (
    select
        customer_id,
        anchor,
        anchor_date,
        'fixed' as offset_mode,
        anchor_date as clock_date
    from anchors
    union all
    select
        customer_id,
        anchor,
        anchor_date,
        'replenishment' as offset_mode,
        runs_out_on as clock_date
    from run_outs
),

due as (
    select
        clocks.customer_id,
        steps.journey,
        steps.step,
        clocks.anchor,
        clocks.anchor_date,
        case
            when steps.is_post then {{ as_of_date() }}
            else clocks.clock_date + steps.offset_days
        end as due_date,
        steps.grace_days,
        steps.channel,
        steps.content_key,
        steps.offer_key,
        steps.priority,
        steps.label_en,
        steps.label_zh
    from clocks
    inner join steps
        on
            clocks.anchor = steps.anchor
            and clocks.offset_mode = steps.offset_mode
            and clocks.clock_date >= steps.clock_from
            and clocks.clock_date <= steps.clock_until
),

-- A customer joins once; where a clock may start again, its day tells the times apart.
-- Before the order itself nobody is told that its goods run out.
named as (
    select
        concat(
            step,
            '-',
            customer_id,
            case
                when anchor = 'joined' then ''
                else concat('-', replace(cast(anchor_date as string), '-', ''))
            end
        ) as touch_id,
        *
    from due
    where due_date >= anchor_date
),

unsent as (
    select named.*
    from named
    anti join sent on named.touch_id = sent.touch_id
)

select * from unsent
