{#- Whether a value fulfils a condition. All are expressions of text: numbers are
    compared as numbers where both are, everything else as text, so that days (YYYY-MM-DD)
    have their order. A null value fulfils nothing. `in` lists values with | between. -#}
{% macro is_fulfilled(value, operator, bound, bound_to) -%}
    {%- set number = 'try_cast(' ~ value ~ ' as double)' -%}
    {%- set low = 'try_cast(' ~ bound ~ ' as double)' -%}
    {%- set high = 'try_cast(' ~ bound_to ~ ' as double)' -%}
    coalesce(
        case {{ operator }}
            when 'is_not_null' then {{ value }} is not null
            when 'in'
                then instr(concat('|', {{ bound }}, '|'), concat('|', {{ value }}, '|')) > 0
            when '='
                then {{ value }} = {{ bound }} or coalesce({{ number }} = {{ low }}, false)
            when '!='
                then
                    {{ value }} <> {{ bound }}
                    and coalesce({{ number }} <> {{ low }}, true)
            when 'between'
                then
                    case
                        when {{ low }} is not null and {{ high }} is not null
                            then {{ number }} between {{ low }} and {{ high }}
                        else {{ value }} between {{ bound }} and {{ bound_to }}
                    end
            {%- for sign in ['<', '<=', '>', '>='] %}
            when '{{ sign }}'
                then
                    case
                        when {{ low }} is not null then {{ number }} {{ sign }} {{ low }}
                        else {{ value }} {{ sign }} {{ bound }}
                    end
            {%- endfor %}
        end,
        false
    )
{%- endmacro %}
