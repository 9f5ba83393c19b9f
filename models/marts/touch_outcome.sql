-- grain: one row per message sent that did not fail: customer_id, channel, sent_at
with touches as (
    select * from {{ ref('int_touches') }}
),

responses as (
    select * from {{ ref('int_touch_responses') }}
),

orders as (
    select * from {{ ref('int_touch_orders') }}
),

final as (
    select
        touches.touch_id,
        touches.customer_id,
        touches.channel,
        touches.sent_at,
        touches.sent_date as sent_on,
        touches.campaign_id,
        coalesce(touches.outcome in ('opened', 'clicked'), false)
        or responses.first_response_at is not null as responded,
        orders.order_id is not null as converted,
        orders.order_id,
        orders.days_to_order,
        coalesce(orders.net_amount, cast(0 as decimal(18, 2))) as net_amount,
        orders.order_id is not null
        and (
            touches.next_sent_at is null
            or touches.next_sent_at > orders.ordered_at
        ) as is_last_touch,
        touches.ends_at <= {{ local_midnight(as_of_date() ~ ' + 1') }} as is_complete
    from touches
    left join responses
        on
            touches.customer_id = responses.customer_id
            and touches.channel = responses.channel
            and touches.sent_at = responses.sent_at
    left join orders
        on
            touches.customer_id = orders.customer_id
            and touches.channel = orders.channel
            and touches.sent_at = orders.sent_at
)

select * from final
