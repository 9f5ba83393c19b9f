{#- A select of the numbers of days at which conditions on a growing attribute hold: the
    columns rule_no, conditions and attribute of `conditions`, from_days, and until_days,
    the first number after, null where there is no end. -#}
{% macro day_ranges(conditions) -%}
    {%- set low = 'try_cast(value as double)' -%}
    {%- set high = 'try_cast(value_to as double)' -%}
    select
        rule_no,
        conditions,
        attribute,
        cast(
            case
                when operator in ('=', '>=', 'between') then greatest(ceil({{ low }}), 0)
                when operator = '>' then greatest(floor({{ low }}) + 1, 0)
                else 0
            end as int
        ) as from_days,
        cast(
            case
                when operator in ('=', '<=') then floor({{ low }}) + 1
                when operator in ('<', '!=') then ceil({{ low }})
                when operator = 'between' then floor({{ high }}) + 1
            end as int
        ) as until_days
    from {{ conditions }}
    where
        operator in ('is_not_null', '!=')
        or (operator in ('=', '<', '<=', '>', '>=') and {{ low }} is not null)
        or (operator = 'between' and {{ low }} is not null and {{ high }} is not null)
    union all
    select
        rule_no,
        conditions,
        attribute,
        cast(greatest(floor({{ low }}) + 1, 0) as int) as from_days,
        cast(null as int) as until_days
    from {{ conditions }}
    where operator = '!=' and {{ low }} is not null
    union all
    -- Few values are listed, of which each is a day.
    select
        listed.rule_no,
        listed.conditions,
        listed.attribute,
        listed.days as from_days,
        listed.days + 1 as until_days
    from (
        select
            conditions.*,
            try_cast(split_part(conditions.value, '|', places.place) as int) as days
        from {{ conditions }} as conditions
        cross join (
            values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)
        ) as places (place)
        where conditions.operator = 'in'
    ) as listed
    where listed.days is not null
{%- endmacro %}
