-- grain: one row per member (customer_id), the latest version
{% set columns = [
    'customer_id', 'registered_at', 'channel', 'campaign_id', 'gender', 'birth_date',
    'region', 'city_tier', 'household', 'occupation', 'role', 'wecom_bound_at',
    'persona', 'group_id', 'phone', 'email', 'attributes',
] %}
with versions as (
    {{ latest_versions(
        'members',
        key=['customer_id'],
        columns=columns,
        order_by=['landed.updated_at desc nulls last'],
    ) }}
),

dated as (
    select
        customer_id,
        registered_at,
        {{ local_date('registered_at') }} as registered_date,
        channel,
        campaign_id,
        gender,
        birth_date,
        region,
        city_tier,
        household,
        occupation,
        role,
        wecom_bound_at,
        {{ local_date('wecom_bound_at') }} as wecom_bound_date,
        persona,
        group_id,
        phone,
        email,
        attributes
    from versions
),

-- A member without a time of registration has always been one.
known as (
    select *
    from dated
    where registered_date is null or registered_date <= {{ as_of_date() }}
)

select * from known
