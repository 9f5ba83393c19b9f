-- grain: one row per customer with a touch in their window and way to reach them
with due as (
    select distinct customer_id from {{ ref('int_journey_due') }}
),

customers as (
    select * from {{ ref('dim_customer') }}
),

identifiers as (
    select * from {{ ref('int_customer_identifiers') }}
),

ways as (
    select
        customer_id,
        'none' as reached_by
    from due
    union all
    select
        customer_id,
        'wecom_bound' as reached_by
    from customers
    where wecom_bound
    union all
    select
        customer_id,
        id_type as reached_by
    from identifiers
    where id_type in ('phone', 'email')
),

reached as (
    select distinct
        ways.customer_id,
        ways.reached_by
    from ways
    semi join due on ways.customer_id = due.customer_id
)

select * from reached
