"""Values of every type as the contract's kinds: what does not fit is null, no error."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from pipeline.config.contract import ColumnKind
from pipeline.ingest.conversion import convert

LONDON = "Europe/London"


def converted(
    kind: ColumnKind, literal: str, sql_type: str = "varchar", zone: str = LONDON
) -> Any:
    """Convert a SQL literal that was cast to a type, as a column of a file would be."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        column = f"select ({literal})::{sql_type} as x from range(2)"
        described = connection.execute(f"describe {column}").fetchone()
        assert described is not None
        query = convert(kind, "x", described[1], zone)
        row = connection.execute(f"select {query} from ({column})").fetchone()
    assert row is not None
    return row[0]


def text(kind: ColumnKind, value: str, zone: str = LONDON) -> Any:
    return converted(kind, "'" + value.replace("'", "''") + "'", zone=zone)


@pytest.mark.parametrize(
    ("value", "utc"),
    [
        ("2024-01-01 10:00:00", "2024-01-01 10:00"),
        ("2024-07-01 10:00:00", "2024-07-01 09:00"),
        ("2024/7/1", "2024-06-30 23:00"),
        ("2024/7/1 9:05", "2024-07-01 08:05"),
        ("  2024-07-01 10:00:00\t", "2024-07-01 09:00"),
        ("2024-07-01T10:00:00Z", "2024-07-01 10:00"),
        ("2024-07-01T10:00Z", "2024-07-01 10:00"),
        ("2024-07-01T10:00:00+08:00", "2024-07-01 02:00"),
        ("2024-07-01T10:00:00+0800", "2024-07-01 02:00"),
        ("2024-07-01 10:00:00.5 -05:30", "2024-07-01 15:30:00.5"),
        ("2024-07-01 10:00:00 UTC", "2024-07-01 10:00"),
        ("1719828000", "2024-07-01 10:00"),
        ("1719828000000", "2024-07-01 10:00"),
        ("20240701", "2024-06-30 23:00"),
        ("20240701110000", "2024-07-01 10:00"),
    ],
)
def test_times_of_text(value: str, utc: str) -> None:
    """A UTC mark that is read over would shift a time by an hour."""
    format_ = "%Y-%m-%d %H:%M" + (":%S.%f" if "." in utc else "")
    assert text("time", value) == datetime.strptime(utc, format_)


@pytest.mark.parametrize(
    ("value", "utc"),
    [
        ("2024-03-31 00:59:59", datetime(2024, 3, 31, 0, 59, 59)),
        ("2024-03-31 02:00:00", datetime(2024, 3, 31, 1, 0)),
        # Skipped by the clock: taken as if it had not been put forward yet.
        ("2024-03-31 01:30:00", datetime(2024, 3, 31, 1, 30)),
        # Twice on the clock: the second time.
        ("2024-10-27 01:30:00", datetime(2024, 10, 27, 1, 30)),
        ("2024-10-27 00:30:00", datetime(2024, 10, 26, 23, 30)),
    ],
)
def test_days_on_which_the_clock_changes(value: str, utc: datetime) -> None:
    assert text("time", value) == utc
    assert converted("time", f"'{value}'", "timestamp") == utc


@pytest.mark.parametrize(
    "value",
    [
        "2024-02-30",
        "2024-13-01 00:00:00",
        "20241301",
        "infinity",
        "-infinity",
        "epoch",
        "now",
        "today",
        "12:00",
        "1/2/2024",
        "yesterday",
        "2024-07-01T10:00:00 Mars",
        "99999999999",
        "2024",
        "２０２４-01-01",
        "2024-01-01 25:00:00",
    ],
)
def test_what_is_no_time(value: str) -> None:
    assert text("time", value) is None


@pytest.mark.parametrize(
    ("literal", "sql_type", "expected"),
    [
        ("'2024-07-01'", "date", datetime(2024, 6, 30, 23)),
        ("'2024-07-01 10:00:00'", "timestamp", datetime(2024, 7, 1, 9)),
        ("'2024-07-01 10:00:00'", "timestamp_s", datetime(2024, 7, 1, 9)),
        ("'2024-07-01 10:00:00'", "timestamp_ns", datetime(2024, 7, 1, 9)),
        ("'2024-07-01 10:00:00+08'", "timestamptz", datetime(2024, 7, 1, 2)),
        ("1719828000", "integer", datetime(2024, 7, 1, 10)),
        ("1719828000", "ubigint", datetime(2024, 7, 1, 10)),
        ("1719828000000", "hugeint", datetime(2024, 7, 1, 10)),
        ("1719828000.25", "double", datetime(2024, 7, 1, 10, 0, 0, 250_000)),
        ("1719828000.25", "decimal(18, 2)", datetime(2024, 7, 1, 10, 0, 0, 250_000)),
        ("-9223372036854775808", "bigint", None),
        ("18446744073709551615", "ubigint", None),
        ("'5874897-12-31'", "date", None),
        ("'nan'", "double", None),
        ("'inf'", "double", None),
        ("true", "boolean", None),
        ("'10:00:00'", "time", None),
        ("[1]", "integer[]", None),
        ("'8d8ac610-566d-4ef0-9c22-186b2a5ed793'", "uuid", None),
    ],
)
def test_times_of_other_types(literal: str, sql_type: str, expected: Any) -> None:
    """One value out of range must not raise: it would cost the whole file."""
    assert converted("time", literal, sql_type) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.005", Decimal("1.01")),
        ("-0.005", Decimal("-0.01")),
        ("1.004999", Decimal("1.00")),
        ("1e3", Decimal(1000)),
        (" +5 ", Decimal(5)),
        ("9999999999999999.99", Decimal("9999999999999999.99")),
        ("9999999999999999.995", None),
        ("99999999999999999", None),
        ("1e400", None),
        ("NaN", None),
        ("inf", None),
        ("1,234.50", None),
        ("1_000", None),
        ("￥5", None),
        ("5%", None),
        ("0x10", None),
        ("", None),
        ("一百", None),
    ],
)
def test_money_of_text(value: str, expected: Decimal | None) -> None:
    assert text("money", value) == expected


@pytest.mark.parametrize(
    ("kind", "literal", "sql_type", "expected"),
    [
        ("money", "2.5", "double", Decimal("2.50")),
        ("money", "'nan'", "double", None),
        ("money", "'-inf'", "double", None),
        ("money", "1e30", "double", None),
        ("money", "7", "tinyint", Decimal(7)),
        ("number", "1.23456", "decimal(18, 5)", Decimal("1.2346")),
        ("number", "'1.23455'", "varchar", Decimal("1.2346")),
        ("integer", "'2.0'", "varchar", 2),
        ("integer", "'2.5'", "varchar", None),
        ("integer", "2.5", "double", None),
        ("integer", "3.0", "double", 3),
        ("integer", "'9223372036854775808'", "varchar", None),
        ("boolean", "true", "boolean", True),
        ("boolean", "0", "integer", False),
        ("boolean", "2", "integer", None),
        ("boolean", "' Yes'", "varchar", True),
        ("boolean", "'否'", "varchar", False),
        ("boolean", "'on'", "varchar", None),
        ("date", "'1990-2-3'", "varchar", date(1990, 2, 3)),
        ("date", "'19900203'", "varchar", date(1990, 2, 3)),
        ("date", "'1990/2/3 23:00'", "varchar", date(1990, 2, 3)),
        ("date", "'1990-02-30'", "varchar", None),
        ("date", "'infinity'", "varchar", None),
        ("date", "'epoch'", "varchar", None),
        ("date", "'infinity'", "date", None),
        ("date", "'5874897-12-31'", "date", None),
        ("date", "'1990-02-03 23:59:59'", "timestamp", date(1990, 2, 3)),
        ("date", "19900203", "integer", date(1990, 2, 3)),
    ],
)
def test_other_kinds(
    kind: ColumnKind, literal: str, sql_type: str, expected: Any
) -> None:
    assert converted(kind, literal, sql_type) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("  a b ", "a b"), ("\t123\t", "123"), ("\u3000张\u00a0", "张"), (" \t", None)],
)
def test_texts_are_trimmed(value: str, expected: str | None) -> None:
    """Mall exports put tabs around order numbers to keep spreadsheets off them."""
    assert text("text", value) == expected
