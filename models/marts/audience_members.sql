-- grain: one row per audience and customer who is in it on the as-of date
-- The cause is what the rules say today, not why the customer came.
with members as (
    select *
    from {{ ref('int_audience_periods') }}
    where
        dimension like 'audience:%'
        and label <> 'none'
        and valid_from <= {{ as_of_date() }}
        and valid_to > {{ as_of_date() }}
),

held_out as (
    select *
    from {{ ref('int_holdouts') }}
    where is_held_out and scope in ('global', 'audience')
),

from_all as (
    select
        customer_id,
        min(holdout) as holdout
    from held_out
    where scope = 'global'
    group by customer_id
),

from_one as (
    select
        scope_name as audience,
        customer_id,
        min(holdout) as holdout
    from held_out
    where scope = 'audience'
    group by scope_name, customer_id
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        members.label as audience,
        members.customer_id,
        greatest(members.label_since, {{ ledger_start() }}) as since_date,
        members.rule_id as cause,
        coalesce(from_all.holdout, from_one.holdout) is not null as is_held_out,
        coalesce(from_all.holdout, from_one.holdout) as holdout
    from members
    left join from_all on members.customer_id = from_all.customer_id
    left join from_one
        on
            members.label = from_one.audience
            and members.customer_id = from_one.customer_id
)

select * from final
