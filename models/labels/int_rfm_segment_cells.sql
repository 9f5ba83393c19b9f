-- grain: one row per combination of R, F and M score (125), with its named segment
with segments as (
    select * from {{ ref('rfm_segments') }}
),

scores as (
    select listed.score
    from (values (1), (2), (3), (4), (5)) as listed (score)
),

cells as (
    select
        r.score as r_score,
        f.score as f_score,
        m.score as m_score
    from scores as r
    cross join scores as f
    cross join scores as m
),

matches as (
    select
        cells.r_score,
        cells.f_score,
        cells.m_score,
        segments.segment,
        segments.value_tier,
        row_number() over (
            partition by cells.r_score, cells.f_score, cells.m_score
            order by segments.priority asc nulls last, segments.segment asc nulls last
        ) as match_rank
    from cells
    left join segments
        on
            cells.r_score >= coalesce(segments.r_min, 1)
            and cells.r_score <= coalesce(segments.r_max, 5)
            and cells.f_score >= coalesce(segments.f_min, 1)
            and cells.f_score <= coalesce(segments.f_max, 5)
            and cells.m_score >= coalesce(segments.m_min, 1)
            and cells.m_score <= coalesce(segments.m_max, 5)
),

named as (
    select
        r_score,
        f_score,
        m_score,
        coalesce(segment, 'others') as rfm_segment,
        value_tier
    from matches
    where match_rank = 1
)

select * from named
