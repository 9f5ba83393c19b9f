-- grain: one row per channel and blackout period that is not over
with channels as (
    select distinct counts_as as channel from {{ ref('int_channels') }}
),

quiet_days as (
    select * from {{ ref('quiet_days') }}
),

periods as (
    select
        channels.channel,
        quiet_days.scope,
        quiet_days.date_from,
        quiet_days.date_to,
        quiet_days.reason
    from quiet_days
    inner join channels on quiet_days.scope in ('global', channels.channel)
    where quiet_days.date_to >= {{ as_of_date() }}
),

reached as (
    select
        *,
        max(date_to) over (
            partition by channel
            order by date_from asc, date_to asc, scope asc
            rows between unbounded preceding and 1 preceding
        ) as quiet_until
    from periods
),

-- Days that follow one another are one period: nothing is sent in between.
numbered as (
    select
        *,
        sum(case when date_from <= quiet_until + 1 then 0 else 1 end) over (
            partition by channel
            order by date_from asc, date_to asc, scope asc
            rows between unbounded preceding and current row
        ) as blackout_no
    from reached
),

blackouts as (
    select
        channel,
        min(date_from) as starts_on,
        max(date_to) + 1 as reopens_on,
        min_by(reason, (date_from, date_to, scope)) as reason
    from numbered
    group by channel, blackout_no
)

select * from blackouts
