-- grain: one row per message sent that did not fail: customer_id, channel, sent_at
with changed as (
    select * from {{ ref('int_changed_touches') }}
),

touches as (
    select
        contacts.customer_id,
        contacts.channel,
        contacts.sent_at,
        contacts.sent_date,
        contacts.touch_id,
        contacts.campaign_id,
        contacts.outcome,
        contacts.sent_at + {{ outcome_window() }} as ends_at,
        lead(contacts.sent_at) over (
            partition by contacts.customer_id
            order by contacts.sent_at asc, contacts.channel asc
        ) as next_sent_at,
        lead(contacts.sent_at) over (
            partition by contacts.customer_id, contacts.channel
            order by contacts.sent_at asc
        ) as next_on_channel_at
    from {{ ref('stg_contacts') }} as contacts
    {% if is_incremental() %}
        semi join changed on contacts.customer_id = changed.customer_id
    {% endif %}
    where coalesce(contacts.outcome, 'sent') <> 'failed'
),

interactions as (
    select *
    from {{ ref('fct_interactions') }}
    where
        event_type not in (
            {{ text_list(var('passive_events'), ['unsubscribe', 'complaint']) }}
        )
),

-- What is opened on a channel, without a word of which campaign, is the last message.
responses as (
    select distinct
        touches.customer_id,
        touches.channel,
        touches.sent_at
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
),

followed as (
    select
        touches.customer_id,
        touches.channel,
        touches.sent_at,
        orders.order_id,
        orders.ordered_at,
        orders.net_amount,
        cast(orders.order_date - touches.sent_date as int) as days_to_order,
        row_number() over (
            partition by touches.customer_id, touches.channel, touches.sent_at
            order by orders.ordered_at asc, orders.order_id asc
        ) as place
    from touches
    inner join {{ ref('fct_orders') }} as orders
        on touches.customer_id = orders.customer_id
    where
        orders.is_valid
        and touches.sent_at <= orders.ordered_at
        and orders.ordered_at < touches.ends_at
),

final as (
    select
        touches.touch_id,
        touches.customer_id,
        touches.channel,
        touches.sent_at,
        touches.sent_date,
        touches.campaign_id,
        touches.ends_at,
        coalesce(touches.outcome in ('opened', 'clicked'), false)
        or responses.customer_id is not null as has_responded,
        orders.order_id,
        orders.days_to_order,
        coalesce(orders.net_amount, cast(0 as decimal(18, 2))) as net_amount,
        orders.order_id is not null
        and (
            touches.next_sent_at is null
            or touches.next_sent_at > orders.ordered_at
        ) as is_last_touch
    from touches
    left join responses
        on
            touches.customer_id = responses.customer_id
            and touches.channel = responses.channel
            and touches.sent_at = responses.sent_at
    left join followed as orders
        on
            touches.customer_id = orders.customer_id
            and touches.channel = orders.channel
            and touches.sent_at = orders.sent_at
            and orders.place = 1
)

select * from final
