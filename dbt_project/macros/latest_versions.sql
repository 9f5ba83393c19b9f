{#- A select of the rows of an entity that count: those of active loads, and of several
    versions of one key the latest. `order_by` lists what decides before the file's name
    and the row's number do; `earliest` names a time for which the earliest of all versions
    is taken.

    Few keys have several versions, so these are found first, on the key columns alone, and
    only their rows are sorted: a third less time and memory than one window over all rows.
-#}
{% macro latest_versions(entity, key, columns, order_by=[], earliest=none) -%}
    {%- set landed = source('landing', entity) -%}
    {%- set others = columns | reject('in', key + [earliest]) | list -%}
    with loads as (
        select load_id, file_rank
        from {{ ref('stg_loads') }}
        where entity = '{{ entity }}'
    ),
    repeated as (
        select
            {%- for column in key %}
            landed.{{ column }},
            {%- endfor %}
            {%- if earliest %}
            min(landed.{{ earliest }}) as {{ earliest }},
            {%- endif %}
            count(*) as versions
        from {{ landed }} as landed
        semi join loads on landed._load_id = loads.load_id
        group by {% for column in key %}landed.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        having count(*) > 1
    ),
    ranked as (
        select
            {%- for column in key + others %}
            landed.{{ column }},
            {%- endfor %}
            {%- if earliest %}
            repeated.{{ earliest }},
            {%- endif %}
            row_number() over (
                partition by {% for column in key %}landed.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
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
        inner join repeated
            on {% for column in key %}landed.{{ column }} = repeated.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    )
    select {% for column in columns %}landed.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ landed }} as landed
    semi join loads on landed._load_id = loads.load_id
    anti join repeated
        on {% for column in key %}landed.{{ column }} = repeated.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    union all
    select {% for column in columns %}ranked.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from ranked
    where ranked.version_rank = 1
{%- endmacro %}
