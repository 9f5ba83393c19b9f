"""From templates to SQL."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.quality import sql
from pipeline.quality.model import Check, CheckContext, Suite

SUITE = Suite(
    "marts", "people", key="name", checks=(), identifiers=("name",), where="alive"
)


def test_offenders_see_the_rows_that_exist() -> None:
    """The table of a check is the suite's rows, under the name `checked`."""
    check = Check("c", "C.", "select ${key} from checked")

    query = sql.offenders(SUITE, check, {"key": "name"})

    assert query == (
        "with checked as not materialized (select * from marts.people where alive) "
        "select name from checked"
    )


def test_text_columns_are_those_outside_the_key() -> None:
    """The columns in which text could hide are found by type."""
    types = {"name": "VARCHAR", "note": "VARCHAR", "extra": "JSON", "age": "INTEGER"}

    filled = sql.values(SUITE, CheckContext(date(2024, 1, 1)), types)

    assert filled["text_columns"] == '"note", "extra"'


def test_braces_and_colons_are_only_characters() -> None:
    """Great Expectations formats the query, and SQLAlchemy looks for parameters."""
    check = Check("c", "C.", "select 'a :b', x::int from checked where y ~ 'z{2}'")

    query = sql.for_expectation(check, {})

    assert query.endswith(r"select 'a \:b', x::int from checked where y ~ 'z{{2}}'")
    assert "(select * from {batch})" in query


def test_unknown_placeholder() -> None:
    """A name without a value is an error, not text in a query."""
    with pytest.raises(KeyError, match="nothing"):
        sql.fill("${nothing}", {})


def test_configuration_is_quoted() -> None:
    """A configured name cannot leave its literal."""
    values = CheckContext(date(2024, 1, 1), currency="it's").values()

    assert values["currency"] == "'it''s'"


@pytest.mark.parametrize(("count", "text"), [(1, "1 row"), (1234, "1,234 rows")])
def test_plural(count: int, text: str) -> None:
    """Counts read as English."""
    assert sql.plural(count) == text
