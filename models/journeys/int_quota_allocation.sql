-- grain: one row per touch that nothing but a frequency cap may stop
{% set in_turn = 'order by priority asc nulls last, due_date asc, touch_id asc' %}
{% set above = 'rows between unbounded preceding and 1 preceding' %}
with touches as (
    select *
    from {{ ref('int_touch_suppressions') }}
    where suppression is null
),

quota as (
    select * from {{ ref('int_remaining_quota') }}
),

contacts as (
    select * from {{ ref('int_contacts_ranked') }}
),

blackouts as (
    select * from {{ ref('int_blackout_periods') }}
),

least_remaining as (
    select
        customer_id,
        scope,
        min(remaining) as remaining
    from quota
    group by customer_id, scope
),

of_all_channels as (
    select *
    from least_remaining
    where scope = 'global'
),

-- The first of each channel, then the first of those together: the same as taking one
-- touch after the other, and sending it if its channel and all together have quota.
channel_ranks as (
    select
        *,
        row_number() over (partition by customer_id, counts_as {{ in_turn }})
            as channel_rank
    from touches
),

in_channel_quota as (
    select
        channel_ranks.*,
        coalesce(
            channel_ranks.channel_rank <= least_remaining.remaining, true
        ) as has_quota
    from channel_ranks
    left join least_remaining
        on
            channel_ranks.customer_id = least_remaining.customer_id
            and channel_ranks.counts_as = least_remaining.scope
),

overall_ranks as (
    select
        *,
        row_number() over (partition by customer_id, has_quota {{ in_turn }})
            as overall_rank
    from in_channel_quota
),

allocated as (
    select
        overall_ranks.*,
        overall_ranks.has_quota
        and coalesce(
            overall_ranks.overall_rank <= of_all_channels.remaining, true
        ) as is_sent
    from overall_ranks
    left join of_all_channels
        on overall_ranks.customer_id = of_all_channels.customer_id
),

counted as (
    select
        *,
        count(case when is_sent then 1 end) over (partition by customer_id) as sent,
        count(case when is_sent then 1 end) over (partition by customer_id, counts_as)
            as sent_on_channel,
        count(case when is_sent then 1 end) over (
            partition by customer_id {{ in_turn }} {{ above }}
        ) as sent_above,
        count(case when is_sent then 1 end) over (
            partition by customer_id, counts_as {{ in_turn }} {{ above }}
        ) as sent_above_on_channel
    from allocated
),

-- The caps that hold for a touch which is not sent: those of its channel and the
-- global ones, each with what is sent today in its scope.
capped as (
    select
        counted.touch_id,
        counted.customer_id,
        counted.counts_as,
        quota.scope,
        quota.priority,
        quota.reason,
        quota.window_days,
        quota.next_unit_on,
        quota.max_contacts,
        quota.remaining,
        case quota.scope when 'global' then counted.sent else counted.sent_on_channel
        end as sent,
        case quota.scope
            when 'global' then counted.sent_above
            else counted.sent_above_on_channel
        end as sent_above
    from counted
    inner join quota
        on
            counted.customer_id = quota.customer_id
            and quota.scope in ('global', counted.counts_as)
    where not counted.is_sent
),

-- A cap of days frees when the contact that fills it is so many days ago. What is sent
-- today are the latest contacts.
freed as (
    select
        capped.touch_id,
        capped.counts_as,
        min_by(
            capped.reason,
            case when capped.remaining <= capped.sent_above then capped.priority end
        ) as reason,
        max(
            case
                when capped.remaining > capped.sent then {{ as_of_date() }} + 1
                when capped.window_days is null then capped.next_unit_on
                else
                    coalesce(contacts.sent_date, {{ as_of_date() }})
                    + capped.window_days
            end
        ) as frees_on
    from capped
    left join contacts
        on
            capped.customer_id = contacts.customer_id
            and capped.scope = contacts.scope
            and capped.max_contacts - capped.sent = contacts.recency_rank
    group by capped.touch_id, capped.counts_as
),

opened as (
    select
        freed.touch_id,
        freed.reason,
        coalesce(blackouts.reopens_on, freed.frees_on) as opens_on
    from freed
    left join blackouts
        on
            freed.counts_as = blackouts.channel
            and freed.frees_on >= blackouts.starts_on
            and freed.frees_on < blackouts.reopens_on
),

final as (
    select
        counted.touch_id,
        counted.is_sent,
        opened.reason,
        opened.opens_on
    from counted
    left join opened on counted.touch_id = opened.touch_id
)

select * from final
