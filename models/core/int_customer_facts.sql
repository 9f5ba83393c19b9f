-- grain: one row per customer with an order or interaction up to the as-of date
with changed as (
    select * from {{ ref('int_changed_customers') }}
),

interactions as (
    select facts.*
    from {{ ref('fct_interactions') }} as facts
    {% if is_incremental() %}
        semi join changed on facts.customer_id = changed.customer_id
    {% endif %}
    where facts.customer_id is not null
),

orders as (
    select facts.*
    from {{ ref('fct_orders') }} as facts
    {% if is_incremental() %}
        semi join changed on facts.customer_id = changed.customer_id
    {% endif %}
    where facts.customer_id is not null
),

channels as (
    select
        customer_id,
        channel,
        min(ordered_at) as first_at
    from orders
    group by customer_id, channel
    union all
    select
        customer_id,
        channel,
        min(occurred_at) as first_at
    from interactions
    group by customer_id, channel
),

-- At one moment the channel first by name counts, so that the pick is always the same.
firsts as (
    select
        customer_id,
        min(first_at) as first_fact_at,
        min_by(channel, (first_at, channel)) filter (where channel is not null)
            as first_channel
    from channels
    group by customer_id
),

behaviors as (
    select
        customer_id,
        min(event_date) filter (where event_type = 'add_wecom') as add_wecom_on,
        min(event_date) filter (where event_type in ('group_join', 'survey_submit'))
            as group_or_form_on,
        min(event_date) filter (where event_type = 'register') as register_on,
        min(event_date) filter (where event_type = 'refer') as referred_on,
        min(occurred_at) filter (where event_type = 'activity_join')
            as joined_activity_at,
        min_by(persona, (occurred_at, event_id)) filter (
            where event_type = 'add_wecom' and persona is not null
        ) as wecom_persona
    from interactions
    where
        event_type in (
            'add_wecom', 'group_join', 'survey_submit', 'register', 'refer',
            'activity_join'
        )
    group by customer_id
),

-- What is done to customers is no behaviour of theirs; an order counts where it is
-- valid.
own_behaviors as (
    select
        customer_id,
        max(event_date) as last_event_date
    from interactions
    where
        event_type not in ({{ text_list(var('passive_events'), ['valid_order']) }})
    group by customer_id
),

purchases as (
    select
        customer_id,
        min(order_date) as first_order_date,
        min(order_date) filter (where order_seq = 2) as second_order_date,
        max(order_date) as last_order_date,
        count(*) as valid_orders
    from orders
    where is_valid
    group by customer_id
),

joined as (
    select
        firsts.customer_id,
        firsts.first_fact_at,
        firsts.first_channel,
        behaviors.add_wecom_on,
        behaviors.wecom_persona,
        behaviors.group_or_form_on,
        behaviors.register_on,
        behaviors.referred_on,
        behaviors.joined_activity_at,
        purchases.first_order_date,
        purchases.second_order_date,
        purchases.last_order_date,
        coalesce(purchases.valid_orders, 0) as valid_orders,
        greatest(own_behaviors.last_event_date, purchases.last_order_date)
            as last_behavior_date
    from firsts
    left join behaviors on firsts.customer_id = behaviors.customer_id
    left join own_behaviors on firsts.customer_id = own_behaviors.customer_id
    left join purchases on firsts.customer_id = purchases.customer_id
)

select * from joined
