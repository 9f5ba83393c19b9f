-- grain: one row per order of any day and status, from the orders files or from lines
-- depends_on: {{ ref('stg_changed_orders') }}
{% set content = [
    'customer_id', 'ordered_at', 'status', 'gross_amount', 'refund_amount', 'channel',
    'store_id', 'coupon_id', 'campaign_id', 'lines_hash',
] %}
{% set line = '
    line_no, line_key, product_id, quantity, unit_price, line_amount, is_sample
' %}
with line_orders as (
    select * from {{ ref('stg_line_orders') }}
),

-- Two versions of an order differ also where only their lines do.
totals as (
    select
        order_lines.order_id,
        cast(sum(order_lines.line_amount) as decimal(18, 2)) as line_amount,
        sum(cast({{ key_hash(line) }} as decimal(38, 0))) as lines_hash
    from {{ ref('int_order_lines') }} as order_lines
    {% if is_incremental() %}
        semi join {{ ref('stg_changed_orders') }} as changed
            on order_lines.order_id = changed.order_id
    {% endif %}
    group by order_lines.order_id
),

combined as (
    select
        orders.*,
        false as is_amount_from_lines,
        totals.lines_hash
    from {{ ref('stg_orders') }} as orders
    left join totals on orders.order_id = totals.order_id
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
        line_orders.gross_amount is null as is_amount_from_lines,
        totals.lines_hash
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
        and status in ({{ text_list(var('valid_statuses')) }})
        and net_amount > 0 as is_valid
    from netted
),

numbered as (
    select
        judged.*,
        {% if is_incremental() %}
            case
                when
                    built.order_id is null
                    {% for column in content %}
                        or (judged.{{ column }} is distinct from built.{{ column }})
                    {% endfor %}
                    then {{ build_no() }}
                else built.build_no
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
