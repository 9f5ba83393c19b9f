-- grain: one row per customer and link of the chain, passed or not
with customers as (
    select * from {{ ref('int_chain_dates') }}
),

links as (
    select * from {{ ref('int_chain_links') }}
),

-- The link before is the nearest earlier one in the chain of which the day is known.
placed as (
    select
        customers.customer_id,
        links.link_no,
        links.link,
        customers.has_joined,
        customers.furthest_link_no,
        case links.link
            when 'exposed' then customers.exposed_on
            when 'wecom_added' then customers.wecom_on
            when 'group_or_form' then customers.group_or_form_on
            when 'member' then customers.member_on
            when 'first_order' then customers.first_order_on
            when 'second_order' then customers.second_order_on
            when 'loyal' then customers.loyal_on
            when 'referred' then customers.referred_on
        end as linked_on,
        case links.link
            when 'wecom_added' then customers.exposed_on
            when 'group_or_form' then coalesce(customers.wecom_on, customers.exposed_on)
            when 'member'
                then coalesce(
                    customers.group_or_form_on, customers.wecom_on, customers.exposed_on
                )
            when 'first_order'
                then coalesce(
                    customers.member_on,
                    customers.group_or_form_on,
                    customers.wecom_on,
                    customers.exposed_on
                )
            when 'second_order' then customers.first_order_on
            when 'loyal'
                then coalesce(
                    customers.second_order_on,
                    customers.first_order_on,
                    customers.member_on,
                    customers.group_or_form_on,
                    customers.wecom_on,
                    customers.exposed_on
                )
            when 'referred'
                then coalesce(
                    customers.loyal_on,
                    customers.second_order_on,
                    customers.first_order_on,
                    customers.member_on,
                    customers.group_or_form_on,
                    customers.wecom_on,
                    customers.exposed_on
                )
        end as previous_on
    from customers
    cross join links
),

steps as (
    select
        customer_id,
        link_no,
        link,
        linked_on is not null or (link = 'member' and has_joined) as is_passed,
        furthest_link_no >= link_no - 1 as has_entered,
        furthest_link_no >= link_no as has_converted,
        case
            when linked_on >= previous_on then cast(linked_on - previous_on as int)
        end as days_from_previous
    from placed
)

select * from steps
