-- grain: one row per order line, numbered within its order; of any day
with lines as (
    select * from {{ ref('stg_order_lines') }}
),

placed as (
    select
        *,
        row_number() over in_order as place,
        count(line_no) over whole_order as numbered_lines,
        max(line_no) over whole_order as highest_line_no
    from lines
    window
        in_order as (
            partition by order_id
            order by line_no asc nulls last, product_id asc, line_key asc
        ),
        whole_order as (partition by order_id)
),

-- Lines without a number follow the highest number that the order has.
numbered as (
    select
        order_id,
        coalesce(
            line_no, greatest(coalesce(highest_line_no, 0), 0) + place - numbered_lines
        ) as line_no,
        line_key,
        product_id,
        quantity,
        unit_price,
        line_amount,
        is_sample
    from placed
)

select * from numbered
