-- grain: one row per customer and journey with a step due; of this and the last build
with due as (
    select * from {{ ref('int_journey_due') }}
),

exits as (
    select * from {{ ref('int_journey_exits') }}
),

-- A step is due for one day: who had one in the last build has it no longer, or again.
steps as (
    select
        due.customer_id,
        due.journey,
        min_by(due.step, (due.priority, due.step)) as step,
        {{ build_no() }} as build_no
    from due
    anti join exits on due.touch_id = exits.touch_id
    group by due.customer_id, due.journey
    {% if is_incremental() %}
        union all
        select
            customer_id,
            journey,
            step,
            build_no
        from {{ this }}
        where build_no = {{ build_no() }} - 1
    {% endif %}
)

select * from steps
