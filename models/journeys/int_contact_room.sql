-- grain: one row per customer with a touch in their window and cap on contacts
with customers as (
    select distinct customer_id from {{ ref('int_journey_due') }}
),

caps as (
    select * from {{ ref('int_contact_caps') }}
),

turns as (
    select * from {{ ref('int_contact_turns') }}
),

used as (
    select
        turns.customer_id,
        caps.priority,
        cast(count(*) as int) as contacts
    from turns
    inner join caps on turns.scope = caps.scope
    where turns.sent_date >= caps.counts_from
    group by turns.customer_id, caps.priority
),

room as (
    select
        customers.customer_id,
        caps.scope,
        caps.priority,
        caps.max_contacts,
        caps.window_days,
        caps.next_unit_on,
        caps.reason,
        coalesce(used.contacts, 0) as contacts,
        greatest(caps.max_contacts - coalesce(used.contacts, 0), 0) as room
    from customers
    cross join caps
    left join used
        on
            customers.customer_id = used.customer_id
            and caps.priority = used.priority
)

select * from room
