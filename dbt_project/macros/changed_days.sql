{#- A select of the customers and days whose facts came or changed in this build, the
    places included that facts have left; no row where the build starts afresh. `facts`
    has build_no, customer_id and the day, and earlier_ columns of the latter two. -#}
{% macro changed_days(facts, date_column) -%}
    with changed as (
        select *
        from {{ facts }}
        where
            build_no = {{ build_no() }}
            and {{ 'true' if var('last_build') is mapping else 'false' }}
    )
    select
        customer_id,
        {{ date_column }} as day
    from changed
    where customer_id is not null
    union
    select
        earlier_customer_id as customer_id,
        earlier_{{ date_column }} as day
    from changed
    where earlier_customer_id is not null
{%- endmacro %}
