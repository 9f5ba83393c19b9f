{#- The sum of a column equals an aggregate of another relation; nothing counts as zero.
    Returns both totals where they differ. -#}
{% test matches_total(model, column, of, total) %}
with ours as (
    select coalesce(sum({{ column }}), 0) as our_total
    from {{ model }}
),

theirs as (
    select coalesce({{ total }}, 0) as their_total
    from {{ of }}
)

select
    ours.our_total,
    theirs.their_total
from ours
cross join theirs
where ours.our_total <> theirs.their_total
{% endtest %}
