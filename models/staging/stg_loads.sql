-- grain: one row per active load, with the place of its file among all files
with files as (
    select * from {{ source('landing', 'files') }}
),

ranked as (
    select
        load_id,
        entity,
        file_order,
        is_built,
        -- Equal names rank equally; between them the row's number decides.
        dense_rank() over (order by file_order) as file_rank
    from files
)

select * from ranked
