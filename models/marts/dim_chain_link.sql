-- grain: one row per link of the chain
with links as (
    select * from {{ ref('int_chain_links') }}
),

listed as (
    select
        link_no,
        link,
        label_en,
        label_zh
    from links
)

select * from listed
