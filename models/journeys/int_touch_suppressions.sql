-- grain: one row per touch in its window
with due as (
    select * from {{ ref('int_journey_due') }}
),

exits as (
    select * from {{ ref('int_journey_exits') }}
),

holdouts as (
    select * from {{ ref('int_holdouts') }}
),

permissions as (
    select * from {{ ref('int_contact_permissions') }}
),

channels as (
    select * from {{ ref('int_channels') }}
),

blackouts as (
    select *
    from {{ ref('int_blackout_periods') }}
    where starts_on <= {{ as_of_date() }}
),

held_out as (
    select
        due.touch_id,
        min_by(holdouts.holdout, (holdouts.scope, holdouts.holdout)) as holdout
    from due
    inner join holdouts on due.customer_id = holdouts.customer_id
    where
        holdouts.is_held_out
        and (
            holdouts.scope = 'global'
            or (holdouts.scope = 'journey' and holdouts.scope_name = due.journey)
        )
    group by due.touch_id
),

-- The first that applies is the reason; what is not known to be allowed is not done.
judged as (
    select
        due.*,
        coalesce(channels.counts_as, due.channel) as counts_as,
        exits.exit_kind,
        exits.left_on,
        held_out.holdout,
        permissions.withdrawn_on,
        permissions.unsubscribed_on,
        permissions.complained_on,
        permissions.reached_by,
        blackouts.reason as quiet_reason,
        blackouts.reopens_on,
        case
            when exits.touch_id is not null then 'exited'
            when held_out.touch_id is not null then 'holdout'
            when not permissions.is_known then 'unknown_channel'
            when not permissions.is_permitted then 'no_consent'
            when permissions.unsubscribed_on is not null then 'opted_out'
            when permissions.complained_on is not null then 'complaint'
            when not permissions.is_reachable then 'unreachable'
            when blackouts.channel is not null then 'quiet_day'
        end as suppression
    from due
    inner join permissions
        on
            due.customer_id = permissions.customer_id
            and due.channel = permissions.channel
    left join exits on due.touch_id = exits.touch_id
    left join held_out on due.touch_id = held_out.touch_id
    left join channels on due.channel = channels.channel
    left join blackouts on channels.counts_as = blackouts.channel
),

final as (
    select
        touch_id,
        customer_id,
        counts_as,
        priority,
        due_date,
        suppression,
        case suppression
            when 'exited'
                then concat('left: ', replace(exit_kind, '_', ' '), ' on ', left_on)
            when 'holdout' then concat('holdout: ', holdout)
            when 'unknown_channel' then concat('channel is not in channels: ', channel)
            when 'no_consent'
                then case
                    when withdrawn_on is null then concat('no consent for ', channel)
                    else concat('consent for ', channel, ' withdrawn on ', withdrawn_on)
                end
            when 'opted_out' then concat('unsubscribed on ', unsubscribed_on)
            when 'complaint' then concat('complained on ', complained_on)
            when 'unreachable'
                then case reached_by
                    when 'wecom_bound' then 'not bound in WeCom'
                    else concat('no ', reached_by)
                end
            when 'quiet_day' then concat('quiet day: ', replace(quiet_reason, '_', ' '))
        end as reason,
        case when suppression = 'quiet_day' then reopens_on end as opens_on
    from judged
)

select * from final
