-- grain: one row per customer, attribute that a rule names and period of a value
-- depends_on: {{ ref('int_touched_customers') }}
{#- Where attributes come from: their value, and the day from which those grow that grow
    by one a day. -#}
{% set sources = [
    (ref('int_member_attributes'), 'value', 'cast(null as date)'),
    (ref('int_order_attributes'), 'value', 'grows_from'),
    (ref('int_behavior_attributes'), 'value', 'grows_from'),
] %}
{#- Labels found from facts: attribute, model and column. -#}
{% set labels = [
    ('aipl_stage', ref('int_aipl_stage_periods'), 'stage'),
    ('lifecycle_state', ref('int_lifecycle_periods'), 'label'),
    ('rfm_segment', ref('int_rfm_periods'), 'label'),
] %}
with named as (
    select * from {{ ref('int_rule_attributes') }}
),

customers as (
    select * from {{ ref('int_rule_customers') }}
),

attributes as (
    {% for relation, value, grows_from in sources %}
        select
            customer_id,
            attribute,
            {{ value }} as value,
            {{ grows_from }} as grows_from,
            valid_from,
            valid_to
        from {{ relation }}
        union all
    {% endfor %}
    {% for attribute, relation, label in labels %}
        select
            customer_id,
            '{{ attribute }}' as attribute,
            {{ label }} as value,
            cast(null as date) as grows_from,
            valid_from,
            valid_to
        from {{ relation }}
        where {{ label }} <> 'none' and valid_to > {{ ledger_start() }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Nobody is looked at before they are known. Points of contribution are published.
clipped as (
    select
        attributes.customer_id,
        attributes.attribute,
        attributes.value,
        attributes.grows_from,
        greatest(attributes.valid_from, customers.known_from) as valid_from,
        attributes.valid_to
    from attributes
    inner join customers on attributes.customer_id = customers.customer_id
    where
        attributes.valid_to > customers.known_from
        and (
            attributes.attribute = 'contribution_points'
            or attributes.attribute in (select named.attribute from named)
        )
),

history as (
    select *
    from clipped
    where (value is not null or grows_from is not null) and valid_from < valid_to
)

select * from history
