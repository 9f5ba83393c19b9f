{#- A select of the rows of an entity that count: those of active loads, and of several
    versions of one key the latest. `order_by` lists what decides before the file's name
    and the row's number do; `earliest` names a time for which the earliest of all versions
    is taken.

    `changed` names the orders to read, where there is a last whole build to go on from.
    `new_only` reads only the loads that the last whole build has not read, where there is
    one, and adds what tells versions apart: file_order, source_row and load_id.

    Few keys have several versions: these are found first, by hashes, which take a fraction
    of the memory of keys; only their rows are sorted, and all columns are read once.
-#}
{% macro latest_versions(
    entity, key, columns, order_by=[], earliest=none, new_only=false, changed=none
) -%}
    {%- set landed = source('landing', entity) -%}
    {%- set goes_on = var('last_build') is mapping -%}
    {%- set keys = 'landed.' ~ key | join(', landed.') -%}
    {%- set is_same = [] -%}
    {%- for column in key -%}
        {%- do is_same.append('landed.' ~ column ~ ' = repeated.' ~ column) -%}
    {%- endfor -%}
    {%- set is_same = is_same | join(' and ') -%}
    with loads as (
        select load_id, file_rank, file_order
        from {{ ref('stg_loads') }}
        where
            entity = '{{ entity }}'
            {% if new_only and goes_on %}and not is_built{% endif %}
    ),
    {%- if changed is not none and goes_on %}
    changed as (
        select landed.*
        from {{ landed }} as landed
        semi join {{ changed }} as orders on landed.order_id = orders.order_id
    ),
    {%- set landed = 'changed' %}
    {%- endif %}
    suspects as (
        select {{ key_hash(keys) }} as suspect
        from {{ landed }} as landed
        semi join loads on landed._load_id = loads.load_id
        group by suspect
        having count(*) > 1
    ),
    repeated as (
        select
            {{ keys }},
            {%- if earliest %}
            min(landed.{{ earliest }}) as {{ earliest }},
            {%- endif %}
            count(*) as versions
        from {{ landed }} as landed
        semi join loads on landed._load_id = loads.load_id
        semi join suspects on {{ key_hash(keys) }} = suspects.suspect
        group by {{ keys }}
        having count(*) > 1
    ),
    ranked as (
        select
            landed._load_id,
            landed._row,
            row_number() over (
                partition by {{ keys }}
                order by
                    {%- for term in order_by %}
                    {{ term }},
                    {%- endfor %}
                    loads.file_rank desc,
                    landed._row desc,
                    landed._load_id desc
            ) as version_rank
        from {{ landed }} as landed
        inner join loads on landed._load_id = loads.load_id
        inner join repeated on {{ is_same }}
    ),
    losers as (
        select _load_id, _row
        from ranked
        where version_rank > 1
    )
    select
        {%- if new_only %}
        loads.file_order,
        landed._row as source_row,
        loads.load_id,
        {%- endif %}
        {%- for column in columns %}
        {{ 'coalesce(repeated.' ~ earliest ~ ', landed.' ~ earliest ~ ') as '
            if column == earliest else 'landed.' }}{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ landed }} as landed
    inner join loads on landed._load_id = loads.load_id
    {% if earliest %}left join repeated on {{ is_same }}{% endif %}
    anti join losers on landed._load_id = losers._load_id and landed._row = losers._row
{%- endmacro %}
