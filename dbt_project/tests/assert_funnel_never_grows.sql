-- Who enters a link are those converted at the one before, and no more convert than
-- enter; every cohort and channel has all the links.
with funnel as (
    select * from {{ ref('funnel') }}
),

neighbours as (
    select
        *,
        lag(converted) over by_link as converted_before,
        lag(link_no, 1, 0) over by_link as link_no_before,
        lead(link_no) over by_link as next_link_no
    from funnel
    window by_link as (partition by cohort_month, channel order by link_no asc)
)

select
    cohort_month,
    channel,
    link_no,
    entered,
    converted,
    converted_before
from neighbours
where
    converted > entered
    or passed > converted
    or entered <> converted_before
    or link_no <> link_no_before + 1
    or (next_link_no is null and link_no <> 8)
