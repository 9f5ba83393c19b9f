-- grain: one row per order_id with a row in a load that the last build has not read
with orders as (
    select * from {{ source('landing', 'orders') }}
),

lines as (
    select * from {{ source('landing', 'order_lines') }}
),

loads as (
    select load_id
    from {{ ref('stg_loads') }}
    where not is_built
),

changed as (
    select orders.order_id
    from orders
    semi join loads on orders._load_id = loads.load_id
    union
    select lines.order_id
    from lines
    semi join loads on lines._load_id = loads.load_id
)

select * from changed
