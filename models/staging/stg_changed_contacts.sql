-- grain: one row per customer with a message that the last build did not read or count
{% set last_build = var('last_build') or {'as_of_date': var('as_of_date')} %}
with contacts as (
    select * from {{ source('landing', 'contacts') }}
),

loads as (
    select * from {{ ref('stg_loads') }}
),

-- The next day of the shop begins at most 14 hours before it does in UTC.
changed as (
    select distinct contacts.customer_id
    from contacts
    inner join loads on contacts._load_id = loads.load_id
    where
        not loads.is_built
        or contacts.sent_at >= cast('{{ last_build['as_of_date'] }}' as timestamp)
)

select * from changed
