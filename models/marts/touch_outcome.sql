-- grain: one row per message sent that did not fail: customer_id, channel, sent_at
with outcomes as (
    select
        touch_id,
        customer_id,
        channel,
        sent_at,
        sent_date as sent_on,
        campaign_id,
        has_responded as responded,
        order_id is not null as converted,
        order_id,
        days_to_order,
        net_amount,
        is_last_touch,
        ends_at <= {{ local_midnight(as_of_date() ~ ' + 1') }} as is_complete
    from {{ ref('int_touch_outcomes') }}
)

select * from outcomes
