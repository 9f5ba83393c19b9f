"""Identifiers as destinations take them."""

from __future__ import annotations

import hashlib

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.activation.identifiers import in_form, phone_number, prepare
from pipeline.config.destination import Identifier


def formed(kind: str, value: str | None, **how: object) -> str | None:
    with duckdb.connect() as connection:
        prepare(connection)
        connection.execute("create table t as select ?::varchar as id_value", [value])
        expression = in_form(kind, Identifier.model_validate(how), "CN")
        row = connection.execute(f"select {expression} from t").fetchone()
    assert row is not None
    found: str | None = row[0]
    return found


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("phone", "13812345678", "+8613812345678"),
        ("phone", "+86 138-1234-5678", "+8613812345678"),
        ("phone", "0086 13812345678", "+8613812345678"),
        ("phone", "(86)13812345678", "+8613812345678"),
        ("phone", "+44 20 7946 0958", "+442079460958"),
        ("phone", "1381234567", None),
        ("phone", "n/a", None),
        ("phone", "", None),
        ("phone", None, None),
        ("email", "  Li.Na@Example.COM ", "li.na@example.com"),
        ("email", "nobody", None),
        ("email", "a@b", None),
        ("openid", " oAbC ", "oAbC"),
        ("openid", " ", None),
    ],
)
def test_identifiers_are_normalised(
    kind: str, value: str | None, expected: str | None
) -> None:
    assert formed(kind, value, hash=False) == expected
    digest = expected and hashlib.sha256(expected.encode()).hexdigest()
    assert formed(kind, value) == digest


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("e164", "+8613812345678"),
        ("digits", "8613812345678"),
        ("national", "13812345678"),
    ],
)
def test_phones_come_in_three_forms(form: str, expected: str) -> None:
    assert formed("phone", "138 1234 5678", hash=False, form=form) == expected


def test_a_region_reads_numbers_without_a_country_code() -> None:
    number = formed("phone", "020 7946 0958", hash=False, region="GB")
    assert number == "+442079460958"


@given(
    st.lists(st.from_regex(r"1[0-9]{9,11}", fullmatch=True), min_size=1),
    st.sampled_from(["e164", "digits", "national"]),
)
def test_bare_numbers_are_what_the_library_reads(values: list[str], form: str) -> None:
    """The short way in SQL against the long one."""
    with duckdb.connect() as connection:
        prepare(connection)
        connection.execute("create table t (no int, id_value varchar)")
        connection.executemany("insert into t values (?, ?)", list(enumerate(values)))
        expression = in_form("phone", Identifier(hash=False, form=form), "CN")
        rows = connection.execute(f"select {expression} from t order by no").fetchall()
    assert [row[0] for row in rows] == [phone_number(x, "CN", form) for x in values]


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(" -"))
def test_however_a_number_is_written_it_is_one(number: str, between: str) -> None:
    written = between.join((number[:3], number[3:7], number[7:]))
    forms = {phone_number(x, "CN", "e164") for x in (number, written, f"+86{number}")}
    assert len(forms) == 1
