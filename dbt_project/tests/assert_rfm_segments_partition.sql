-- The built-in segments cover each pair of R and F exactly once. A shop's own rule file
-- may overlap (the lowest priority wins) and leave gaps (others).
with scores as (
    select listed.score
    from (values (1), (2), (3), (4), (5)) as listed (score)
),

cells as (
    select
        r.score as r_score,
        f.score as f_score,
        count(segments.segment) as segments
    from scores as r
    cross join scores as f
    left join {{ ref('rfm_segments') }} as segments
        on
            r.score >= segments.r_min
            and r.score <= segments.r_max
            and f.score >= segments.f_min
            and f.score <= segments.f_max
    group by r.score, f.score
)

select *
from cells
where segments <> 1 {{ 'and false' if 'rfm_segments' in var('rule_files') }}
