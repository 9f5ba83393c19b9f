-- grain: one row per customer and funnel step, passed or not
{% set days = [
    'exposed_on', 'wecom_on', 'group_or_form_on', 'member_on', 'first_order_on',
    'second_order_on', 'loyal_on', 'referred_on',
] %}
with customers as (
    select * from {{ ref('int_funnel_dates') }}
),

funnel_steps as (
    select * from {{ ref('funnel_steps') }}
),

-- The step before is the nearest earlier one in the funnel of which the day is known.
placed as (
    select
        customers.customer_id,
        funnel_steps.step_no,
        funnel_steps.step,
        customers.has_joined,
        customers.furthest_step_no,
        case funnel_steps.step_no
            {% for day in days %}
                when {{ loop.index }} then customers.{{ day }}
            {% endfor %}
        end as passed_on,
        case funnel_steps.step_no
            {% for day in days[1:] %}
                when {{ loop.index + 1 }}
                    then coalesce(
                        {% for earlier in days[:loop.index] | reverse %}
                            customers.{{ earlier }},
                        {% endfor %}
                        null
                    )
            {% endfor %}
        end as previous_on
    from customers
    cross join funnel_steps
),

steps as (
    select
        customer_id,
        step_no,
        step,
        passed_on is not null or (step = 'member' and has_joined) as is_passed,
        furthest_step_no >= step_no - 1 as has_entered,
        furthest_step_no >= step_no as has_converted,
        case
            when passed_on >= previous_on then cast(passed_on - previous_on as int)
        end as days_from_previous
    from placed
)

select * from steps
