-- grain: one row per link of the chain
with links as (
    select
        step_no as link_no,
        step as link,
        label_en,
        label_zh
    from {{ ref('funnel_steps') }}
)

select * from links
