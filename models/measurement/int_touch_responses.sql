-- grain: one row per message that was answered by something done within its window
with touches as (
    select * from {{ ref('int_touches') }}
),

interactions as (
    select *
    from {{ ref('fct_interactions') }}
    where event_type not in (
        'message_delivered', 'ad_impression', 'unsubscribe', 'complaint'
    )
),

-- What is opened on a channel, without a word of which campaign, is the last message.
answered as (
    select
        touches.customer_id,
        touches.channel,
        touches.sent_at,
        min(interactions.occurred_at) as first_response_at
    from touches
    inner join interactions on touches.customer_id = interactions.customer_id
    where
        touches.sent_at <= interactions.occurred_at
        and interactions.occurred_at < touches.ends_at
        and (
            touches.campaign_id = interactions.campaign_id
            or (
                interactions.event_type in ('message_open', 'message_click')
                and touches.channel = interactions.channel
                and (
                    touches.campaign_id is null or interactions.campaign_id is null
                )
                and interactions.occurred_at
                < coalesce(touches.next_on_channel_at, touches.ends_at)
            )
        )
    group by touches.customer_id, touches.channel, touches.sent_at
)

select * from answered
