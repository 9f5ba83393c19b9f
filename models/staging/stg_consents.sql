-- grain: one row per change of consent: customer_id, channel, granted, changed_at
{% set columns = ['customer_id', 'channel', 'granted', 'changed_at'] %}
with versions as (
    {{ latest_versions('consents', key=columns, columns=columns) }}
),

dated as (
    select
        customer_id,
        channel,
        granted,
        changed_at,
        {{ local_date('changed_at') }} as changed_date
    from versions
),

known as (
    select *
    from dated
    where changed_date <= {{ as_of_date() }}
)

select * from known
