-- grain: one row per customer, attribute that a rule names and period of one value
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

-- What grows by a day each day is cut where it comes to a value that a rule names: in
-- between all days compare alike.
cuts as (
    select distinct
        attribute,
        cast(ceil(try_cast(bound as double)) as int) as days
    from named
    where try_cast(bound as double) is not null
    union
    select distinct
        attribute,
        cast(floor(try_cast(bound as double)) as int) + 1 as days
    from named
    where try_cast(bound as double) is not null
),

cut_days as (
    select
        clipped.customer_id,
        clipped.attribute,
        clipped.grows_from,
        clipped.valid_to,
        clipped.grows_from + cuts.days as valid_from
    from clipped
    inner join cuts on clipped.attribute = cuts.attribute
    where
        clipped.grows_from + cuts.days > clipped.valid_from
        and clipped.grows_from + cuts.days < clipped.valid_to
    union all
    select
        customer_id,
        attribute,
        grows_from,
        valid_to,
        valid_from
    from clipped
    where grows_from is not null
),

history as (
    select
        customer_id,
        attribute,
        value,
        valid_from,
        valid_to
    from clipped
    where value is not null and valid_from < valid_to
    union all
    select
        customer_id,
        attribute,
        cast(cast(valid_from - grows_from as int) as string) as value,
        valid_from,
        coalesce(
            lead(valid_from) over (
                partition by customer_id, attribute, grows_from
                order by valid_from asc
            ),
            valid_to
        ) as valid_to
    from cut_days
)

select * from history
