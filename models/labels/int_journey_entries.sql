-- grain: one row per customer and anchor that has started a clock up to the as-of date
with members as (
    select * from {{ ref('stg_members') }}
),

facts as (
    select * from {{ ref('int_customer_facts') }}
),

orders as (
    select * from {{ ref('int_order_kinds') }}
),

product_days as (
    select * from {{ ref('int_product_days') }}
),

replenishment as (
    select * from {{ ref('int_replenishment') }}
),

wecom_days as (
    select
        customer_id,
        wecom_bound_date as day
    from members
    where wecom_bound_date <= {{ as_of_date() }}
    union all
    select
        customer_id,
        add_wecom_on as day
    from facts
    where add_wecom_on is not null
),

-- An order starts its clocks again, joining and adding do so once in a life.
entries as (
    select
        customer_id,
        'joined' as anchor,
        registered_date as anchor_date
    from members
    where registered_date is not null
    union all
    select
        customer_id,
        'wecom_added' as anchor,
        min(day) as anchor_date
    from wecom_days
    group by customer_id
    union all
    select
        customer_id,
        'ordered' as anchor,
        last_order_date as anchor_date
    from facts
    where last_order_date is not null
    union all
    select
        customer_id,
        case when is_sample_order then 'sample_ordered' else 'full_size_ordered' end
            as anchor,
        max(order_date) as anchor_date
    from orders
    group by customer_id, is_sample_order
),

-- A sample added to an order of full-size goods is no reason to write to anybody.
run_outs as (
    select
        entries.customer_id,
        entries.anchor,
        min(replenishment.runs_out_on) as runs_out_on
    from entries
    inner join product_days
        on
            entries.customer_id = product_days.customer_id
            and entries.anchor_date = product_days.day
    inner join replenishment
        on
            product_days.customer_id = replenishment.customer_id
            and product_days.product_id = replenishment.product_id
    where
        case entries.anchor
            when 'ordered'
                then product_days.is_full_size or product_days.is_of_sample_order
            when 'sample_ordered' then product_days.is_of_sample_order
            when 'full_size_ordered' then product_days.is_full_size
            else false
        end
    group by entries.customer_id, entries.anchor
),

final as (
    select
        entries.customer_id,
        entries.anchor,
        entries.anchor_date,
        run_outs.runs_out_on
    from entries
    left join run_outs
        on
            entries.customer_id = run_outs.customer_id
            and entries.anchor = run_outs.anchor
)

select * from final
