-- grain: one row per frequency cap
{{ config(materialized='view') }}
with contact_policy as (
    select * from {{ ref('contact_policy') }}
),

-- date_trunc makes a time of a day in some engines; a week starts on Monday in all.
dated as (
    select
        scope,
        priority,
        max_contacts,
        window_days,
        calendar_unit,
        case
            when window_days is not null then {{ as_of_date() }} - window_days + 1
            when calendar_unit = 'day' then {{ as_of_date() }}
            when calendar_unit = 'week'
                then cast(date_trunc('week', {{ as_of_date() }}) as date)
            when calendar_unit = 'month'
                then cast(date_trunc('month', {{ as_of_date() }}) as date)
        end as counts_from
    from contact_policy
),

caps as (
    select
        scope,
        priority,
        max_contacts,
        window_days,
        counts_from,
        case calendar_unit
            when 'day' then counts_from + 1
            when 'week' then counts_from + 7
            when 'month' then cast(date_trunc('month', counts_from + 31) as date)
        end as next_unit_on,
        concat(
            'cap: ',
            max_contacts,
            case
                when window_days = 1 then ' in 1 day'
                when window_days is not null then concat(' in ', window_days, ' days')
                else concat(' a ', calendar_unit)
            end,
            case
                when scope = 'global' then ' over all channels'
                else concat(' on ', scope)
            end
        ) as reason
    from dated
)

select * from caps
