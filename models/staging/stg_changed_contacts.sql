-- grain: one row per customer with a message in a load that the last build has not read
with contacts as (
    select * from {{ source('landing', 'contacts') }}
),

loads as (
    select load_id
    from {{ ref('stg_loads') }}
    where not is_built
),

changed as (
    select distinct contacts.customer_id
    from contacts
    semi join loads on contacts._load_id = loads.load_id
)

select * from changed
