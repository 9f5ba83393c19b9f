-- grain: one row per customer, kind of identifier and identifier
with members as (
    select * from {{ ref('stg_members') }}
),

customers as (
    select customer_id from {{ ref('dim_customer') }}
),

given as (
    select
        customer_id,
        'phone' as id_type,
        phone as id_value,
        1 as place
    from members
    union all
    select
        customer_id,
        'email' as id_type,
        email as id_value,
        1 as place
    from members
    union all
    select
        customer_id,
        id_type,
        id_value,
        2 as place
    from {{ ref('stg_identities') }}
),

-- What stands in the member's own row comes before what other files say of them.
placed as (
    select
        given.customer_id,
        given.id_type,
        given.id_value,
        min(given.place) as place
    from given
    inner join customers on given.customer_id = customers.customer_id
    where given.id_value is not null
    group by given.customer_id, given.id_type, given.id_value
),

final as (
    select
        customer_id,
        id_type,
        id_value,
        cast(
            row_number() over (
                partition by customer_id, id_type order by place, id_value
            ) as int
        ) as id_rank
    from placed
)

select * from final
