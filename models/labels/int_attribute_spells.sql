-- grain: one row per customer, attribute that a rule names and span of one value
with named as (
    select * from {{ ref('int_rule_attributes') }}
),

customers as (
    select * from {{ ref('int_rule_customers') }}
),

spans as (
    select * from {{ ref('int_attributes') }}
),

-- Nobody is looked at before they are known.
clipped as (
    select
        spans.customer_id,
        spans.attribute,
        spans.value,
        spans.grows_from,
        greatest(spans.valid_from, customers.known_from) as valid_from,
        spans.valid_to
    from spans
    semi join named on spans.attribute = named.attribute
    inner join customers on spans.customer_id = customers.customer_id
    where spans.valid_to > customers.known_from
),

-- What grows by a day each day is cut where it comes to a value that a rule names: in
-- between all days compare alike. Nobody asks for days after the as-of date.
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
        and clipped.grows_from + cuts.days <= {{ as_of_date() }}
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

spells as (
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
        cast(valid_from - grows_from as string) as value,
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

select * from spells
