-- grain: one row per message sent: customer_id, channel, sent_at; the latest version
{% set columns = [
    'customer_id', 'channel', 'sent_at', 'campaign_id', 'touch_id', 'outcome',
] %}
with versions as (
    {{ latest_versions(
        'contacts',
        key=['customer_id', 'channel', 'sent_at'],
        columns=columns,
    ) }}
),

dated as (
    select
        customer_id,
        channel,
        sent_at,
        {{ local_date('sent_at') }} as sent_date,
        campaign_id,
        touch_id,
        outcome
    from versions
),

known as (
    select *
    from dated
    where sent_date <= {{ as_of_date() }}
)

select * from known
