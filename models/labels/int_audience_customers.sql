-- grain: one row per customer whose audiences this build finds or drops
with touched as (
    select * from {{ ref('int_touched_customers') }}
),

rule_customers as (
    select * from {{ ref('int_rule_customers') }}
),

due_steps as (
    select * from {{ ref('int_due_steps') }}
),

-- Besides those whose labels are found again, all with a step due now or in the last
-- build, where a rule may ask for that.
customers as (
    select customer_id from rule_customers
    union
    select customer_id from touched
    union
    select customer_id from due_steps
),

known as (
    select
        customers.customer_id,
        case
            when dim_customer.customer_id is not null
                then coalesce(
                    {{ local_date('dim_customer.first_seen_at') }},
                    cast('0001-01-01' as date)
                )
        end as known_from
    from customers
    left join {{ ref('dim_customer') }} as dim_customer
        on customers.customer_id = dim_customer.customer_id
)

select * from known
