-- A rule names a canonical behaviour or one that has landed: another one is a slip of
-- the pen, by which the rule would never hold.
{% set canonical = [
    'ad_impression', 'ad_click', 'search', 'page_view', 'product_view', 'favorite',
    'add_to_cart', 'follow', 'add_wecom', 'group_join', 'register', 'message_delivered',
    'message_open', 'message_click', 'activity_join', 'check_in', 'sample_claim',
    'survey_submit', 'consult', 'review_positive', 'review_negative', 'share', 'refer',
    'complaint', 'unsubscribe', 'valid_order',
] %}
with rules as (
    select * from {{ ref('aipl_rules') }}
),

landed as (
    select distinct behavior from {{ ref('int_interaction_days') }}
)

select
    'aipl_rules.csv' as rule_file,
    rules.rule_id,
    rules.behavior as unknown_behavior
from rules
anti join landed on rules.behavior = landed.behavior
where rules.behavior not in ({{ "'" ~ canonical | join("', '") ~ "'" }})
