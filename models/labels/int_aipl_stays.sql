-- grain: one row per customer and unbroken stay in a stage, those yet to end included
{% set by_day = '(partition by customer_id order by valid_from asc)' %}
{% set unnamed = "'the amount in the window changed'" %}
-- depends_on: {{ ref('int_aipl_changed') }}
with causes as (
    select * from {{ ref('int_aipl_causes') }}
),

pieces as (
    select
        customer_id,
        stage,
        valid_from,
        valid_to,
        cast(null as string) as cause,
        cast(null as string) as end_cause
    from {{ ref('int_aipl_steps') }}
    {% if is_incremental() %}
        union all
        -- Nothing has changed before from_day.
        select
            built.customer_id,
            built.stage,
            built.valid_from,
            least(built.valid_to, changed.from_day) as valid_to,
            built.cause,
            case
                when built.valid_to < changed.from_day then built.end_cause
            end as end_cause
        from {{ this }} as built
        inner join {{ ref('int_aipl_changed') }} as changed
            on built.customer_id = changed.customer_id
        where built.valid_from < changed.from_day
    {% endif %}
),

edges as (
    select
        *,
        lag(valid_to) over {{ by_day }} as previous_to,
        max(valid_to) over (partition by customer_id) as last_to,
        case
            when lag(valid_to) over {{ by_day }} = valid_from
                then lag(stage) over {{ by_day }}
            else 'none'
        end as previous_stage
    from pieces
),

-- A stay lasts until the end of the piece before the next stay begins.
stays as (
    select
        *,
        coalesce(lead(previous_to) over {{ by_day }}, last_to) as stay_to,
        lead(previous_stage, 1, 'none') over {{ by_day }} as left_stage,
        lead(stage, 1, 'none') over {{ by_day }} as later_stage
    from edges
    where stage <> previous_stage
),

-- The next stay follows at once where it says that it came from a stage.
placed as (
    select
        *,
        case left_stage when 'none' then 'none' else later_stage end as next_stage,
        {{ aipl_rank('previous_stage') }} < {{ aipl_rank('stage') }} as has_risen,
        case
            when {{ aipl_rank('previous_stage') }} < {{ aipl_rank('stage') }} then stage
            else previous_stage
        end as moving_stage
    from stays
),

-- A stay that follows a higher one began because that one lapsed.
explained as (
    select
        placed.customer_id,
        placed.stage,
        placed.valid_from,
        placed.stay_to as valid_to,
        coalesce(placed.cause, begins.cause, {{ unnamed }}) as cause,
        case
            when {{ aipl_rank('placed.next_stage') }} < {{ aipl_rank('placed.stage') }}
                then coalesce(placed.end_cause, ends.cause, {{ unnamed }})
        end as end_cause,
        placed.next_stage
    from placed
    left join causes as begins
        on
            placed.customer_id = begins.customer_id
            and placed.valid_from = begins.on_day
            and placed.has_risen = begins.is_begin
            and placed.moving_stage = begins.stage
    left join causes as ends
        on
            placed.customer_id = ends.customer_id
            and placed.stage = ends.stage
            and placed.stay_to = ends.on_day
            and not ends.is_begin
)

select * from explained
