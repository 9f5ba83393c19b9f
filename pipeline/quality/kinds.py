"""Ready-made checks, so that a suite reads as a list of requirements.

If Great Expectations has an expectation that is computed together with the others of
the table in one scan, the check uses it; all other checks are queries for the rows that
break them. (Its uniqueness expectations keep whole rows in a window and cost several
times a ``group by``; its regex expectations do not support DuckDB.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.quality.model import Check, Severity, quoted


def no_rows(
    name: str,
    expected: str,
    *,
    where: str,
    show: str = "",
    severity: Severity = "error",
) -> Check:
    """No row satisfies ``where``; ``show`` adds columns to the key of those that do."""
    columns = f"${{key}}, {show}" if show else "${key}"
    query = f"select {columns} from checked where {where}"
    return Check(name, expected, query, severity)


def no_result(
    name: str, expected: str, query: str, *, severity: Severity = "error"
) -> Check:
    """``query`` returns no row; for checks of more than single rows."""
    return Check(name, expected, query, severity)


def in_set(
    column: str, values: Sequence[str], *, severity: Severity = "error"
) -> Check:
    """``column`` is null or one of ``values``."""
    listed = ", ".join(quoted(value) for value in values)
    return Check(
        f"{column}_known",
        f"{column} is one of {', '.join(values)}.",
        f"select ${{key}}, {column} from checked where {column} not in ({listed})",
        severity,
        "ExpectColumnValuesToBeInSet",
        {"column": column, "value_set": list(values)},
    )


def between(
    column: str,
    low: float | None = None,
    high: float | None = None,
    *,
    severity: Severity = "error",
) -> Check:
    """``column`` is null or a number from ``low`` to ``high``, both included."""
    outside = [f"{column} < {low}"] if low is not None else []
    outside += [f"{column} > {high}"] if high is not None else []
    words = {
        (True, True): f"between {low} and {high}",
        (True, False): f"at least {low}",
        (False, True): f"at most {high}",
    }[(low is not None, high is not None)]
    return Check(
        f"{column}_in_range",
        f"{column} is {words}.",
        f"select ${{key}}, {column} from checked where {' or '.join(outside)}",
        severity,
        "ExpectColumnValuesToBeBetween",
        {"column": column, "min_value": low, "max_value": high},
    )


def column_types(types: Mapping[str, str]) -> Check:
    """The table has these columns with these SQL types."""
    wanted = ", ".join(
        f"({quoted(column)}, {quoted(sql_type.upper().replace(' ', ''))})"
        for column, sql_type in types.items()
    )
    return Check(
        "column_types",
        "The columns of the contract are there, with their types.",
        "select wanted.column_name, wanted.column_type as expected_type, "
        "coalesce(found.column_type, 'missing') as found_type "
        f"from (values {wanted}) as wanted (column_name, column_type) "
        "left join (describe select * from checked) as found "
        "on found.column_name = wanted.column_name where "
        "replace(found.column_type, ' ', '') is distinct from wanted.column_type",
    )


def customers_are_all() -> Check:
    """There is a row for each customer of dim_customer, and no other row."""
    return no_result(
        "customers_are_those_of_dim_customer",
        "There is a row for each known customer, and no other row.",
        "select customer_id, checked.customer_id is not null as is_here, "
        "known.customer_id is not null as is_in_dim_customer "
        "from checked full join marts.dim_customer as known using (customer_id) "
        "where (checked.customer_id is null) <> (known.customer_id is null)",
    )


def not_after_as_of(*columns: str) -> Check:
    """None of the date ``columns`` is later than the as-of date."""
    return no_rows(
        "not_after_as_of",
        f"No date is after the as-of date ({', '.join(columns)}).",
        where=" or ".join(f"{column} > ${{as_of}}" for column in columns),
        show=", ".join(columns),
    )


def as_of_everywhere() -> Check:
    """Every row is of the as-of date."""
    return no_rows(
        "as_of_date_is_the_runs",
        "as_of_date is the date of the run in every row.",
        where="as_of_date is distinct from ${as_of}",
        show="as_of_date",
    )


def not_empty_if(facts: str, table: str = "checked") -> Check:
    """``table`` has rows if the query ``facts`` returns any."""
    return no_result(
        "not_empty",
        "There are rows if there are facts for them up to the as-of date.",
        "select 0 as rows, count(*) as facts "
        f"from (select 1 from ({facts}) as facts limit 1) as facts "
        f"having count(*) > 0 and not exists (select 1 from {table})",
    )
