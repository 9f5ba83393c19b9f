-- grain: one row per customer and window with a fact about the customer in it
with arms as (
    select * from {{ ref('int_experiment_arms') }}
),

interactions as (
    select * from {{ ref('fct_interactions') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

touches as (
    select * from {{ ref('int_touches') }}
),

-- Several holdouts follow a customer through the same days, which are looked at once.
windows as (
    select distinct
        customer_id,
        before_at,
        assigned_at,
        ends_at
    from arms
),

facts as (
    select
        customer_id,
        occurred_at as happened_at,
        'visit' as kind,
        cast(0 as decimal(18, 2)) as net_amount
    from interactions
    where customer_id is not null
    union all
    select
        customer_id,
        ordered_at as happened_at,
        'order' as kind,
        net_amount
    from orders
    where is_valid
    union all
    select
        customer_id,
        sent_at as happened_at,
        'contact' as kind,
        cast(0 as decimal(18, 2)) as net_amount
    from touches
),

found as (
    select
        windows.customer_id,
        windows.before_at,
        windows.assigned_at,
        windows.ends_at,
        facts.kind,
        facts.net_amount,
        facts.happened_at < windows.assigned_at as is_before
    from windows
    inner join facts on windows.customer_id = facts.customer_id
    where
        windows.before_at <= facts.happened_at
        and facts.happened_at < windows.ends_at
),

summed as (
    select
        customer_id,
        before_at,
        assigned_at,
        ends_at,
        bool_or(kind = 'contact' and not is_before) as was_contacted,
        bool_or(kind = 'visit' and not is_before) as has_visited,
        bool_or(kind = 'visit' and is_before) as has_visited_before,
        bool_or(kind = 'order' and not is_before) as has_converted,
        bool_or(kind = 'order' and is_before) as has_converted_before,
        sum(case when is_before then 0 else net_amount end) as net_amount,
        sum(case when is_before then net_amount else 0 end) as net_amount_before
    from found
    group by customer_id, before_at, assigned_at, ends_at
)

select * from summed
