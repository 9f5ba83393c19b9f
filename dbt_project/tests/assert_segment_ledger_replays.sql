-- Replayed from the start, the ledger gives the labels of the as-of date: each entry
-- goes on from the one before, and the last ones are what the marts say.
with ledger as (
    select * from {{ ref('segment_ledger') }}
),

labels as (
    select
        customer_id,
        'aipl_stage' as dimension,
        stage as label
    from {{ ref('aipl_stage') }}
    union all
    select
        customer_id,
        'rfm_segment' as dimension,
        rfm_segment as label
    from {{ ref('rfm_scores') }}
    union all
    select
        customer_id,
        'behavior_segment' as dimension,
        segment as label
    from {{ ref('behavior_segment') }}
    union all
    select
        customer_id,
        'identity_tier' as dimension,
        tier as label
    from {{ ref('identity_tier') }}
    union all
    select
        customer_id,
        concat('crowd:', crowd) as dimension,
        crowd as label
    from {{ ref('crowd_membership') }}
    union all
    select
        customer_id,
        concat('scene:', crowd, ':', scene) as dimension,
        scene as label
    from {{ ref('crowd_scene') }}
    union all
    select
        customer_id,
        'lifecycle_state' as dimension,
        state as label
    from {{ ref('customer_lifecycle') }}
),

chained as (
    select
        *,
        lag(to_label, 1, 'none') over (
            partition by dimension, customer_id
            order by changed_on asc
        ) as previous_label
    from ledger
),

replayed as (
    select
        dimension,
        customer_id,
        max_by(to_label, changed_on) as label
    from ledger
    group by dimension, customer_id
)

select
    dimension,
    customer_id,
    previous_label as expected,
    from_label as found
from chained
where from_label <> previous_label or from_label = to_label
union all
select
    coalesce(labels.dimension, replayed.dimension) as dimension,
    coalesce(labels.customer_id, replayed.customer_id) as customer_id,
    labels.label as expected,
    replayed.label as found
from labels
full join replayed
    on
        labels.dimension = replayed.dimension
        and labels.customer_id = replayed.customer_id
where coalesce(labels.label, 'none') <> coalesce(replayed.label, 'none')
