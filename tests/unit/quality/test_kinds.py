"""Each kind of check on literal rows: its query finds the rows that break it.

That Great Expectations counts the same rows is shown in `test_quality_run.py`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

from pipeline.quality import kinds, sql
from pipeline.quality.model import Check, CheckContext, Suite

VALID = """
create or replace schema marts;
create table marts.people as select * from (values ('a'), ('b')) as rows (name);
create table marts.rows as select * from (values
    (1, 'a', 'red', 5, date '2024-03-30'),
    (2, 'b', null, null, null),
    (3, null, 'blue', 1, date '2024-03-31'))
  as rows (id, name, colour, score, as_of_date);
"""

CASES: list[tuple[Check, str, list[tuple[Any, ...]]]] = [
    (
        kinds.in_set("colour", ("red", "blue")),
        "set colour = 'it''s green' where id = 1",
        [(1, "it's green")],
    ),
    (kinds.between("score", 1, 5), "set score = 6 where id = 2", [(2, 6)]),
    (kinds.between("score", 1), "set score = 0 where id = 2", [(2, 0)]),
    (kinds.between("score", high=5), "set score = 6 where id = 2", [(2, 6)]),
    (
        kinds.not_after_as_of("as_of_date"),
        "set as_of_date = date '2024-04-01' where id = 2",
        [(2, date(2024, 4, 1))],
    ),
    (
        kinds.no_rows("odd", "No row is odd.", where="colour = 'odd'"),
        "set colour = 'odd' where id > 1",
        [(2,), (3,)],
    ),
]


def offenders(check: Check, statements: str = "") -> list[tuple[Any, ...]]:
    """The rows that ``check`` finds once ``statements`` have changed valid ones."""
    suite = Suite("marts", "rows", key="checked.id", checks=(check,))
    filled = sql.values(suite, CheckContext(date(2024, 3, 31)), {})
    with duckdb.connect() as connection:
        connection.execute(VALID + statements)
        query = sql.worst(sql.offenders(suite, check, filled))
        return connection.execute(query).fetchall()


@pytest.mark.parametrize(
    ("check", "change", "found"), CASES, ids=[case[0].name for case in CASES]
)
def test_kind(check: Check, change: str, found: list[tuple[Any, ...]]) -> None:
    """Nothing is found in valid rows, and exactly the broken ones in others."""
    assert offenders(check) == []
    assert offenders(check, f"update marts.rows {change}") == found


def test_as_of_everywhere() -> None:
    """A null date is not the run's date either."""
    check = kinds.as_of_everywhere()

    assert offenders(check, "update marts.rows set as_of_date = '2024-03-31'") == []
    assert offenders(check) == [(1, date(2024, 3, 30)), (2, None)]


def test_columns_and_types() -> None:
    """Missing columns and other types are found, further columns are welcome."""
    typed = kinds.column_types({"id": "integer", "score": "integer"})

    assert offenders(typed) == []
    assert offenders(typed, "alter table marts.rows drop id") == [
        ("id", "INTEGER", "missing")
    ]
    assert offenders(
        typed, "alter table marts.rows alter score type decimal(18, 2)"
    ) == [("score", "INTEGER", "DECIMAL(18,2)")]
    money = kinds.column_types({"score": "decimal(18, 2)"})
    assert (
        offenders(money, "alter table marts.rows alter score type decimal(18, 2)") == []
    )


def test_not_empty_if() -> None:
    """No rows are wrong only if there are facts for some."""
    check = kinds.not_empty_if("select 1 from marts.people")

    assert offenders(check) == []
    assert offenders(check, "delete from marts.rows") == [(0, 1)]
    assert offenders(check, "delete from marts.rows; delete from marts.people") == []


def test_not_empty_if_of_another_table() -> None:
    """What must have rows may be another table than the one that is checked."""
    check = kinds.not_empty_if("select 1 from marts.rows", "marts.people")

    assert offenders(check, "delete from marts.people") == [(0, 1)]
