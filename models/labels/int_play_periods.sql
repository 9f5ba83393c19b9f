-- grain: one row per customer and period in which one rule decides the play
-- depends_on: {{ ref('int_touched_customers') }}
{% set conditions %}(
    select * from {{ ref('int_rule_conditions') }}
    where rules_pass = 2
){% endset %}
{% set attributes %}(
    select customer_id, attribute, value, grows_from, valid_from, valid_to
    from {{ ref('int_attribute_history') }}
    union all
    {{ labels_as_attributes(ref('int_segment_periods')) }}
){% endset %}
{% set periods %}(
    {{ rule_periods(conditions, attributes, ref('int_rule_customers')) }}
){% endset %}
with history as (
    {{ label_periods(periods) }}
)

select * from history
