-- A post is for a journey that has steps: of another one nobody would know the anchor.
-- A shop with steps of its own may leave the built-in calendar as it is.
{% set own = var('rule_files') %}
with posts as (
    select * from {{ ref('moments_calendar') }}
),

steps as (
    select * from {{ ref('journey_steps') }}
)

select distinct
    'moments_calendar.csv' as rule_file,
    posts.journey as unknown_journey
from posts
anti join steps on posts.journey = steps.journey
{% if 'journey_steps' in own and 'moments_calendar' not in own %}
    where false
{% endif %}
