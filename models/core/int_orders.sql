-- grain: one row per order of any day and status, from the orders files or from lines
with line_orders as (
    select * from {{ ref('stg_line_orders') }}
),

totals as (
    select
        order_lines.order_id,
        cast(sum(order_lines.line_amount) as decimal(18, 2)) as line_amount
    from {{ ref('int_order_lines') }} as order_lines
    semi join line_orders on order_lines.order_id = line_orders.order_id
    group by order_lines.order_id
),

combined as (
    select
        *,
        false as is_amount_from_lines
    from {{ ref('stg_orders') }}
    union all
    select
        line_orders.order_id,
        line_orders.customer_id,
        line_orders.ordered_at,
        line_orders.order_date,
        line_orders.status,
        coalesce(line_orders.gross_amount, totals.line_amount) as gross_amount,
        line_orders.refund_amount,
        line_orders.channel,
        line_orders.store_id,
        line_orders.coupon_id,
        line_orders.campaign_id,
        line_orders.gross_amount is null as is_amount_from_lines
    from line_orders
    inner join totals on line_orders.order_id = totals.order_id
),

netted as (
    select
        *,
        cast(
            gross_amount - coalesce(refund_amount, 0) as decimal(18, 2)
        ) as net_amount
    from combined
),

judged as (
    select
        *,
        customer_id is not null
        and status in ('paid', 'shipped', 'completed')
        and net_amount > 0 as is_valid
    from netted
),

numbered as (
    select
        judged.*,
        {% if is_incremental() %}
            case
                when
                    judged.customer_id = built.customer_id
                    and judged.order_date = built.order_date
                    and judged.is_valid = built.is_valid
                    and judged.net_amount = built.net_amount
                    and judged.ordered_at = built.ordered_at
                    then built.build_no
                else {{ build_no() }}
            end as build_no,
            built.customer_id as earlier_customer_id,
            built.order_date as earlier_order_date
        {% else %}
            {{ build_no() }} as build_no,
            cast(null as string) as earlier_customer_id,
            cast(null as date) as earlier_order_date
        {% endif %}
    from judged
    {% if is_incremental() %}
        left join {{ this }} as built on judged.order_id = built.order_id
    {% endif %}
)

select * from numbered
