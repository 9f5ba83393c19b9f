-- The play of aipl_stage is that which rules may name: both follow from plays.csv.
with stages as (
    select
        customer_id,
        play
    from {{ ref('aipl_stage') }}
),

stays as (
    select *
    from {{ ref('int_play_stays') }}
    where valid_from <= {{ as_of_date() }} and valid_to > {{ as_of_date() }}
)

select
    stages.customer_id,
    stages.play,
    stays.play as play_of_the_stay
from stages
left join stays on stages.customer_id = stays.customer_id
where stages.play is distinct from stays.play
