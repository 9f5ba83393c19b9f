-- grain: one row per customer, dimension and period of one rule: scenes and audiences
{#- Steps are due on the as-of date alone: what was due before has been sent, left or
    missed. -#}
{% set conditions %}(
    select * from {{ ref('int_rule_conditions') }}
    where rules_pass = 3
){% endset %}
{% set attributes %}(
    select customer_id, attribute, value, grows_from, valid_from, valid_to
    from {{ ref('int_attribute_history') }}
    union all
    {{ labels_as_attributes(ref('int_segment_periods')) }}
    union all
    {{ labels_as_attributes(ref('int_play_periods')) }}
    union all
    select
        customer_id,
        concat('due:', journey) as attribute,
        step as value,
        cast(null as date) as grows_from,
        {{ as_of_date() }} as valid_from,
        {{ as_of_date() }} + 1 as valid_to
    from {{ ref('int_due_steps') }}
    where build_no = {{ build_no() }}
){% endset %}
{% set customers %}(
    select * from {{ ref('int_audience_customers') }}
    where known_from is not null
){% endset %}
{% set periods %}(
    {{ rule_periods(conditions, attributes, customers) }}
){% endset %}
with history as (
    {{ label_periods(periods) }}
)

select * from history
