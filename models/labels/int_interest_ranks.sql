-- grain: one row per customer with an interest
{{ config(materialized='view') }}
with interests as (
    select * from {{ ref('int_interests') }}
),

ranks as (
    select
        customer_id,
        max(case when interest_rank = 1 then category end) as interest,
        max(case when interest_rank = 2 then category end) as interest_2,
        max(case when interest_rank = 3 then category end) as interest_3
    from interests
    group by customer_id
)

select * from ranks
