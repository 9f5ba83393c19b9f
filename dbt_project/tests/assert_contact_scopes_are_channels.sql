-- A cap or a quiet day is of all channels or of one that touches count as: of another
-- one it would hold for nothing. Built-in files may name channels that a shop does not
-- have in its own file.
{% set own = var('rule_files') %}
with scopes as (
    select
        'contact_policy' as rule_file,
        scope
    from {{ ref('contact_policy') }}
    union all
    select
        'quiet_days' as rule_file,
        scope
    from {{ ref('quiet_days') }}
),

channels as (
    select * from {{ ref('channels') }}
),

known as (
    select coalesce(counts_as, channel) as scope
    from channels
    union all
    select 'global' as scope
)

select distinct
    concat(scopes.rule_file, '.csv') as rule_file,
    scopes.scope as unknown_channel
from scopes
anti join known on scopes.scope = known.scope
where true
{% for name in ['contact_policy', 'quiet_days'] %}
    {% if 'channels' in own and name not in own %}
        and scopes.rule_file <> '{{ name }}'
    {% endif %}
{% endfor %}
