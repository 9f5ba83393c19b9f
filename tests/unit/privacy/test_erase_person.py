"""What is looked for of a person, and where it is not taken for somebody else."""

from __future__ import annotations

import hashlib

import duckdb
import pytest

from pipeline.privacy.person import Person, is_distinctive

PERSON = Person("C0000042", frozenset({"+86 139-1234-5678", "Li.Lei+1@Example.com"}))

TEXTS = [
    "C0000042",
    "new_t0_welcome-C0000042, delivered",
    '{"uid":"C0000042"}',
    "13912345678",
    "tel: 139 1234 5678.",
    "+86-13912345678",
    "<td>li.lei+1@example.com</td>",
    "mail=li.lei%2B1%40example.com&x=1",
    hashlib.sha256(b"13912345678").hexdigest(),
    hashlib.md5(b"li.lei+1@example.com").hexdigest().upper(),
]
OTHERS = ["C00000421", "XC0000042", "139123456789", "9i.lei+1@example.com", "42", ""]


@pytest.mark.parametrize("text", TEXTS)
def test_seen(text: str) -> None:
    """Python and DuckDB agree that the text holds the person."""
    assert PERSON.in_text is not None
    assert PERSON.in_text.search(text)
    assert seen_by_duckdb(PERSON, text)


@pytest.mark.parametrize("text", OTHERS)
def test_not_seen(text: str) -> None:
    assert PERSON.in_text is not None
    assert not PERSON.in_text.search(text)
    assert not seen_by_duckdb(PERSON, text)


def seen_by_duckdb(person: Person, text: str) -> bool:
    condition = person.found_in({"note": "VARCHAR"})
    query = f"select {condition} from (select $1 as note)"
    [[seen]] = duckdb.execute(query, [text]).fetchall()
    return bool(seen)


def test_ids_that_say_too_little_count_in_columns_about_people_only() -> None:
    """A shop with customer 7 has many sevens."""
    person = Person("7")
    values = "(select 7 as customer_id, 8 as customers union all select 8, 7)"
    condition = person.found_in({"customer_id": "BIGINT", "customers": "BIGINT"})
    rows = duckdb.execute(f"select * from {values} where {condition}").fetchall()
    assert rows == [(7, 8)]
    assert person.in_text is None


@pytest.mark.parametrize(
    ("value", "distinctive"),
    [
        ("7", False),
        ("17850", False),
        ("13912345678", True),
        ("a@b.cn", True),
        ("C00042", True),
        ("C42", False),
        ("silent", False),
        ("7bcd7aff-6665-43f9-8734-cd23455c9de0", True),
    ],
)
def test_distinctive_values(value: str, distinctive: bool) -> None:
    assert is_distinctive(value) is distinctive
