-- grain: one row per customer known on the as-of date, or in an earlier build
{#- What labels take from elsewhere than the customer's orders and interactions, as one
    number: a customer whose number has changed is found again. #}
with customers as (
    select
        customer_id,
        {{ local_date('first_seen_at') }} as first_seen_date
    from {{ ref('dim_customer') }}
),

named as (
    select distinct attribute from {{ ref('int_rule_attributes') }}
),

facts as (
    select
        customer_id,
        attribute,
        value,
        valid_from,
        valid_to
    from {{ ref('int_member_attributes') }}
    union all
    select
        customer_id,
        'rfm_segment' as attribute,
        label as value,
        valid_from,
        valid_to
    from {{ ref('int_rfm_periods') }}
),

ratios as (
    select max(coalesce(min_gap_ratio, max_gap_ratio)) as ratio
    from {{ ref('lifecycle_rules') }}
),

intervals as (
    select {{ key_hash('valid_from, valid_to, interval_days') }} as number
    from {{ ref('int_usual_intervals') }}
),

-- The usual interval of the shop counts where a rule asks for it.
shop as (
    select bit_xor(intervals.number) as number
    from intervals
    cross join ratios
    where ratios.ratio is not null
),

numbers as (
    select
        facts.customer_id,
        {{ key_hash('facts.attribute, facts.value, facts.valid_from, facts.valid_to') }}
            as number
    from facts
    semi join named on facts.attribute = named.attribute
    union all
    select
        customers.customer_id,
        {{ key_hash('customers.first_seen_date, shop.number') }} as number
    from customers
    cross join shop
),

fingerprints as (
    select
        numbers.customer_id,
        bit_xor(numbers.number) as fingerprint
    from numbers
    semi join customers on numbers.customer_id = customers.customer_id
    group by numbers.customer_id
),

-- Customers of the last build who are not known any more keep a row, without a number,
-- so that their labels go.
compared as (
    {% if is_incremental() %}
        select
            coalesce(fingerprints.customer_id, built.customer_id) as customer_id,
            fingerprints.fingerprint,
            case
                when built.fingerprint = fingerprints.fingerprint then built.build_no
                when
                    built.customer_id is not null
                    and coalesce(built.fingerprint, fingerprints.fingerprint) is null
                    then built.build_no
                else {{ build_no() }}
            end as build_no
        from fingerprints
        full join {{ this }} as built on fingerprints.customer_id = built.customer_id
    {% else %}
        select
            customer_id,
            fingerprint,
            {{ build_no() }} as build_no
        from fingerprints
    {% endif %}
)

select * from compared
