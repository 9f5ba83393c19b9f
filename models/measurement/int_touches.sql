-- grain: one row per message sent that did not fail: customer_id, channel, sent_at
with contacts as (
    select * from {{ ref('stg_contacts') }}
),

touches as (
    select
        customer_id,
        channel,
        sent_at,
        sent_date,
        touch_id,
        campaign_id,
        outcome,
        sent_at + {{ outcome_window() }} as ends_at,
        lead(sent_at) over (
            partition by customer_id
            order by sent_at asc, channel asc
        ) as next_sent_at,
        lead(sent_at) over (
            partition by customer_id, channel
            order by sent_at asc
        ) as next_on_channel_at
    from contacts
    where coalesce(outcome, 'sent') <> 'failed'
)

select * from touches
