-- Facts later than the as-of date do not exist yet.
select
    'fct_orders' as mart,
    max(order_date) as last_date
from {{ ref('fct_orders') }}
having max(order_date) > {{ as_of_date() }}
union all
select
    'fct_interactions' as mart,
    max(event_date) as last_date
from {{ ref('fct_interactions') }}
having max(event_date) > {{ as_of_date() }}
