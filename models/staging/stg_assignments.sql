-- grain: one row per experiment, customer_id, arm and assigned_at
{% set columns = ['experiment', 'customer_id', 'arm', 'assigned_at'] %}
with versions as (
    {{ latest_versions('assignments', key=columns, columns=columns) }}
),

dated as (
    select
        experiment,
        customer_id,
        arm,
        assigned_at,
        {{ local_date('assigned_at') }} as assigned_date
    from versions
),

known as (
    select *
    from dated
    where assigned_date <= {{ as_of_date() }}
)

select * from known
