-- grain: one row per order_id to read that only the line files know; of any day
-- depends_on: {{ ref('stg_changed_orders') }}
with landed as (
    select order_lines.*
    from {{ source('landing', 'order_lines') }} as order_lines
    {% if var('last_build') is mapping %}
        semi join {{ ref('stg_changed_orders') }} as changed
            on order_lines.order_id = changed.order_id
    {% endif %}
),

orders as (
    select * from {{ source('landing', 'orders') }}
),

loads as (
    select * from {{ ref('stg_loads') }}
),

-- An order with a row of its own has its header there, also if that row's day is yet
-- to come.
headed as (
    select orders.order_id
    from orders
    semi join loads on orders._load_id = loads.load_id
),

-- The lines of an order mostly say the same of it: group first, sort what is left.
headers as (
    select
        landed.order_id,
        landed.customer_id,
        landed.status,
        landed.amount,
        landed.refund_amount,
        landed.channel,
        landed.store_id,
        landed.coupon_id,
        landed.campaign_id,
        landed.updated_at,
        landed._load_id,
        loads.file_rank,
        min(landed.ordered_at) as ordered_at,
        max(landed._row) as last_row
    from landed
    inner join loads on landed._load_id = loads.load_id
    anti join headed on landed.order_id = headed.order_id
    group by all
),

ranked as (
    select
        *,
        min(ordered_at) over (partition by order_id) as first_ordered_at,
        row_number() over (
            partition by order_id
            order by
                updated_at desc nulls last,
                {{ status_rank('status') }} desc,
                file_rank desc,
                last_row desc,
                _load_id desc
        ) as version_rank
    from headers
),

dated as (
    select
        order_id,
        customer_id,
        first_ordered_at as ordered_at,
        {{ local_date('first_ordered_at') }} as order_date,
        coalesce(status, 'completed') as status,
        amount as gross_amount,
        refund_amount,
        channel,
        store_id,
        coupon_id,
        campaign_id
    from ranked
    where version_rank = 1
)

select * from dated
