-- Every dimension of the breakdown has the same customers at each link as the funnel.
with funnel as (
    select
        link_no,
        sum(passed) as passed,
        sum(entered) as entered,
        sum(converted) as converted
    from {{ ref('funnel') }}
    group by link_no
),

dimensions as (
    select
        dimension,
        link_no,
        sum(passed) as passed,
        sum(entered) as entered,
        sum(converted) as converted
    from {{ ref('funnel_breakdown') }}
    group by dimension, link_no
),

-- All four dimensions are there for each link.
counts as (
    select
        funnel.link_no,
        count(*) filter (
            where
            funnel.passed = dimensions.passed
            and funnel.entered = dimensions.entered
            and funnel.converted = dimensions.converted
        ) as agreeing
    from funnel
    left join dimensions on funnel.link_no = dimensions.link_no
    group by funnel.link_no
)

select *
from counts
where agreeing <> 4
