-- grain: one row per customer known on the as-of date
with customers as (
    select * from {{ ref('dim_customer') }}
),

dates as (
    select * from {{ ref('int_funnel_dates') }}
),

funnel_steps as (
    select * from {{ ref('funnel_steps') }}
),

brought as (
    select
        referrer_id,
        count(*) as referrals,
        count(*) filter (where is_converted) as converted_referrals
    from {{ ref('referrals') }}
    group by referrer_id
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        customers.customer_id,
        cast(date_trunc('month', dates.exposed_on) as date) as cohort_month,
        coalesce(customers.acquisition_channel, 'unknown') as channel,
        customers.acquisition_campaign_id as campaign_id,
        dates.persona,
        customers.group_id,
        dates.exposed_on,
        dates.wecom_on,
        dates.group_or_form_on,
        dates.member_on,
        dates.first_order_on,
        dates.second_order_on,
        dates.loyal_on,
        dates.referred_on,
        dates.furthest_step_no as furthest_link_no,
        coalesce(funnel_steps.step, 'none') as furthest_link,
        coalesce(brought.referrals, 0) as referrals,
        coalesce(brought.converted_referrals, 0) as converted_referrals
    from customers
    inner join dates on customers.customer_id = dates.customer_id
    left join funnel_steps on dates.furthest_step_no = funnel_steps.step_no
    left join brought on customers.customer_id = brought.referrer_id
)

select * from final
