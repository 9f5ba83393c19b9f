-- grain: one row per customer with a valid order in the RFM window
{% set is_raw = var('rfm_class_mode') == 'raw' %}
with scores as (
    select * from {{ ref('int_rfm_scores') }}
),

cells as (
    select * from {{ ref('int_rfm_segment_cells') }}
),

-- What the class compares with its mean. Of raw recencies the smaller is the better.
compared as (
    select
        *,
        {{ '-recency_days' if is_raw else 'r_score' }} as r_compared,
        {{ 'frequency' if is_raw else 'f_score' }} as f_compared,
        {{ 'monetary' if is_raw else 'm_score' }} as m_compared
    from scores
    where as_of_date = {{ as_of_date() }}
),

totals as (
    select
        count(*) as customers,
        sum(r_compared) as r_total,
        sum(f_compared) as f_total,
        sum(m_compared) as m_total
    from compared
),

-- Above the mean, without a division that could round: value * customers > total.
classed as (
    select
        compared.*,
        concat(
            case
                when compared.r_compared * totals.customers > totals.r_total then 'H'
                else 'L'
            end,
            case
                when compared.f_compared * totals.customers > totals.f_total then 'H'
                else 'L'
            end,
            case
                when compared.m_compared * totals.customers > totals.m_total then 'H'
                else 'L'
            end
        ) as rfm_class
    from compared
    cross join totals
),

named as (
    select
        classed.as_of_date,
        classed.customer_id,
        classed.recency_days,
        classed.frequency,
        classed.monetary,
        classed.r_score,
        classed.f_score,
        classed.m_score,
        concat(
            cast(classed.r_score as string),
            cast(classed.f_score as string),
            cast(classed.m_score as string)
        ) as rfm_code,
        classed.rfm_class,
        cells.rfm_segment,
        cells.value_tier,
        classed.recency_days_to_next_score,
        classed.frequency_to_next_score,
        classed.monetary_to_next_score
    from classed
    inner join cells
        on
            classed.r_score = cells.r_score
            and classed.f_score = cells.f_score
            and classed.m_score = cells.m_score
)

select * from named
