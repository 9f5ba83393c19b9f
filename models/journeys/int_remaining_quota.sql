-- grain: one row per customer with a touch in their window and frequency cap
with customers as (
    select distinct customer_id from {{ ref('int_journey_due') }}
),

caps as (
    select * from {{ ref('int_frequency_caps') }}
),

contacts as (
    select * from {{ ref('int_contacts_ranked') }}
),

used as (
    select
        contacts.customer_id,
        caps.priority,
        cast(count(*) as int) as contacts
    from contacts
    inner join caps on contacts.scope = caps.scope
    where contacts.sent_date >= caps.counts_from
    group by contacts.customer_id, caps.priority
),

quota as (
    select
        customers.customer_id,
        caps.scope,
        caps.priority,
        caps.max_contacts,
        caps.window_days,
        caps.next_unit_on,
        caps.reason,
        coalesce(used.contacts, 0) as contacts,
        greatest(caps.max_contacts - coalesce(used.contacts, 0), 0) as remaining
    from customers
    cross join caps
    left join used
        on
            customers.customer_id = used.customer_id
            and caps.priority = used.priority
)

select * from quota
