-- grain: one row per customer and kind of fact that makes the customer known
with members as (
    select * from {{ ref('stg_members') }}
),

orders as (
    select * from {{ ref('int_customer_orders') }}
),

interactions as (
    select * from {{ ref('int_customer_interactions') }}
),

contacts as (
    select * from {{ ref('stg_contacts') }}
),

consents as (
    select * from {{ ref('stg_consents') }}
),

identities as (
    select * from {{ ref('stg_identities') }}
),

assignments as (
    select * from {{ ref('stg_assignments') }}
),

facts as (
    select
        customer_id,
        'member' as kind,
        registered_at as seen_at
    from members
    union all
    select
        customer_id,
        'wecom' as kind,
        wecom_bound_at as seen_at
    from members
    where wecom_bound_date <= {{ as_of_date() }}
    union all
    select
        customer_id,
        'order' as kind,
        first_ordered_at as seen_at
    from orders
    union all
    select
        customer_id,
        'interaction' as kind,
        first_occurred_at as seen_at
    from interactions
    union all
    select
        customer_id,
        'contact' as kind,
        sent_at as seen_at
    from contacts
    union all
    select
        customer_id,
        'consent' as kind,
        changed_at as seen_at
    from consents
    union all
    select
        customer_id,
        'identity' as kind,
        cast(null as timestamp) as seen_at
    from identities
    union all
    select
        customer_id,
        'assignment' as kind,
        assigned_at as seen_at
    from assignments
),

sightings as (
    select
        customer_id,
        kind,
        min(seen_at) as first_seen_at
    from facts
    group by customer_id, kind
)

select * from sightings
