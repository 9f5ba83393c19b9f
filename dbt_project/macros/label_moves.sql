{#- A select of the changes that stays make, for segment_ledger, from its first day to
    the as-of date: customer_id, changed_on, from_label, to_label, cause.

    `stays` has customer_id, the label's column, valid_from, valid_to (first day after)
    and cause. What holds on the first day of the ledger is entered there from none. Who
    leaves a label for none does so because its rule holds no longer. The stays of one
    combination of `keys` never overlap. -#}
{% macro label_moves(stays, label, keys=['customer_id']) -%}
    {%- set listed = keys | join(', ') -%}
    with stays as (
        select
            {{ listed }},
            {{ label }} as label,
            greatest(valid_from, {{ ledger_start() }}) as valid_from,
            valid_to,
            case
                when valid_from <= {{ ledger_start() }} then 'the ledger begins'
                else cause
            end as cause
        from {{ stays }}
        where valid_to > {{ ledger_start() }}
    ),
    placed as (
        select
            *,
            lag(label) over by_day as previous_label,
            lag(valid_to) over by_day as previous_to,
            lead(valid_from) over by_day as next_from
        from stays
        window by_day as (partition by {{ listed }} order by valid_from asc)
    ),
    moves as (
        select
            {{ listed }},
            valid_from as changed_on,
            case when previous_to = valid_from then previous_label else 'none' end
                as from_label,
            label as to_label,
            cause
        from placed
        union all
        select
            {{ listed }},
            valid_to as changed_on,
            label as from_label,
            'none' as to_label,
            concat(label, ' holds no longer') as cause
        from placed
        where next_from is null or next_from > valid_to
    )
    select *
    from moves
    where changed_on <= {{ as_of_date() }}
{%- endmacro %}
