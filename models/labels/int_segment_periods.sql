-- grain: one row per customer, dimension (segment, tier, crowds) and period of one rule
-- depends_on: {{ ref('int_touched_customers') }}
{% set conditions %}(
    select * from {{ ref('int_rule_conditions') }}
    where rules_pass = 1
){% endset %}
{% set periods %}(
    {{ rule_periods(
        conditions, ref('int_attribute_history'), ref('int_rule_customers')
    ) }}
){% endset %}
with history as (
    {{ label_periods(periods) }}
)

select * from history
