{#- A select of unbroken stays in one label, from spans on which labels may be given
    that compete: on each day the label of the lowest priority counts.

    `spans` has customer_id, the label's column, priority, cause, hold_from (first day) and
    hold_until (first day after). The stays never overlap; a day without a label is in
    none. A stay has the cause of the span that it begins with. Labels compete within
    `keys`. -#}
{% macro stays_by_priority(spans, label, keys=['customer_id']) -%}
    {%- set listed = keys | join(', ') -%}
    with spans as (
        select * from {{ spans }}
    ),
    points as (
        select
            {{ listed }},
            hold_from as on_day
        from spans
        union
        select
            {{ listed }},
            hold_until as on_day
        from spans
    ),
    pieces as (
        select
            {{ listed }},
            on_day as piece_from,
            lead(on_day) over (partition by {{ listed }} order by on_day asc)
                as piece_until
        from points
    ),
    labelled as (
        select
            {{ 'pieces.' ~ keys | join(', pieces.') }},
            pieces.piece_from,
            pieces.piece_until,
            min_by(spans.{{ label }}, (spans.priority, spans.cause)) as label,
            min_by(spans.cause, (spans.priority, spans.cause)) as cause
        from pieces
        inner join spans
            on
                {%- for key in keys %}
                pieces.{{ key }} = spans.{{ key }} and
                {%- endfor %}
                pieces.piece_from >= spans.hold_from
                and pieces.piece_until <= spans.hold_until
        group by
            {{ 'pieces.' ~ keys | join(', pieces.') }},
            pieces.piece_from,
            pieces.piece_until
    ),
    edges as (
        select
            *,
            coalesce(
                lag(label) over by_day <> label
                or lag(piece_until) over by_day <> piece_from,
                true
            ) as is_first
        from labelled
        window by_day as (partition by {{ listed }} order by piece_from asc)
    ),
    numbered as (
        select
            *,
            count(*) filter (where is_first) over (
                partition by {{ listed }}
                order by piece_from asc
            ) as stay_no
        from edges
    )
    select
        {{ listed }},
        min(label) as {{ label }},
        min_by(cause, piece_from) as cause,
        min(piece_from) as valid_from,
        max(piece_until) as valid_to
    from numbered
    group by {{ listed }}, stay_no
{%- endmacro %}
