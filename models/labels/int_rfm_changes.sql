-- grain: one row per customer and day on which the RFM segment changed
with scores as (
    select * from {{ ref('int_rfm_scores') }}
),

cells as (
    select * from {{ ref('int_rfm_segment_cells') }}
),

labels as (
    select
        scores.as_of_date,
        scores.customer_id,
        scores.recency_days,
        concat(
            'R',
            cast(scores.r_score as string),
            'F',
            cast(scores.f_score as string),
            'M',
            cast(scores.m_score as string)
        ) as code,
        cells.rfm_segment
    from scores
    inner join cells
        on
            scores.r_score = cells.r_score
            and scores.f_score = cells.f_score
            and scores.m_score = cells.m_score
),

order_days as (
    select * from {{ ref('int_order_days') }}
),

scored as (
    select
        min(as_of_date) as first_day,
        max(as_of_date) as last_day
    from {{ ref('int_rfm_days') }}
),

placed as (
    select
        *,
        lag(rfm_segment) over by_day as previous_segment,
        lag(code) over by_day as previous_code,
        lag(as_of_date) over by_day as previous_day,
        lead(as_of_date) over by_day as next_day
    from labels
    window by_day as (partition by customer_id order by as_of_date asc)
),

-- Who has no valid order in the window of a day has no row on it.
entries as (
    select
        placed.customer_id,
        placed.as_of_date as changed_on,
        case
            when placed.previous_day = placed.as_of_date - 1
                then placed.previous_segment
            else 'none'
        end as from_label,
        placed.rfm_segment as to_label,
        case
            when placed.as_of_date = scored.first_day then '{{ var("ledger_opening") }}'
            else concat(
                case
                    when placed.previous_day = placed.as_of_date - 1
                        then concat(placed.previous_code, ' to ')
                    else ''
                end,
                placed.code,
                ': ',
                case
                    when order_days.orders > 0
                        then concat('order ', order_days.first_order_id)
                    else concat(
                        cast(placed.recency_days as string), ' days without an order'
                    )
                end
            )
        end as cause
    from placed
    cross join scored
    left join order_days
        on
            placed.customer_id = order_days.customer_id
            and placed.as_of_date = order_days.day
    where
        (
            placed.as_of_date > scored.first_day
            or scored.first_day = {{ ledger_start() }}
        )
        and (
            placed.previous_day is distinct from placed.as_of_date - 1
            or placed.previous_segment <> placed.rfm_segment
        )
),

exits as (
    select
        placed.customer_id,
        placed.as_of_date + 1 as changed_on,
        placed.rfm_segment as from_label,
        'none' as to_label,
        'no valid order in the window' as cause
    from placed
    cross join scored
    where
        placed.as_of_date < scored.last_day
        and placed.next_day is distinct from placed.as_of_date + 1
),

changes as (
    select * from entries
    union all
    select * from exits
    {% if is_incremental() %}
        union all
        select built.*
        from {{ this }} as built
        cross join scored
        where
            built.changed_on <= scored.first_day
            and scored.first_day > {{ ledger_start() }}
    {% endif %}
)

select * from changes
