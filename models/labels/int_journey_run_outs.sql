-- grain: one row per customer and anchor of an order whose goods have a run-out date
with anchors as (
    select * from {{ ref('int_journey_anchors') }}
),

product_days as (
    select * from {{ ref('int_product_days') }}
),

replenishment as (
    select * from {{ ref('int_replenishment') }}
),

-- A sample added to an order of full-size goods is no reason to write to anybody.
run_outs as (
    select
        anchors.customer_id,
        anchors.anchor,
        anchors.anchor_date,
        min(replenishment.runs_out_on) as runs_out_on
    from anchors
    inner join product_days
        on
            anchors.customer_id = product_days.customer_id
            and anchors.anchor_date = product_days.day
    inner join replenishment
        on
            product_days.customer_id = replenishment.customer_id
            and product_days.product_id = replenishment.product_id
    where
        replenishment.runs_out_on is not null
        and case anchors.anchor
            when 'ordered'
                then product_days.is_full_size or product_days.is_of_sample_order
            when 'sample_ordered' then product_days.is_of_sample_order
            when 'full_size_ordered' then product_days.is_full_size
            else false
        end
    group by anchors.customer_id, anchors.anchor, anchors.anchor_date
)

select * from run_outs
