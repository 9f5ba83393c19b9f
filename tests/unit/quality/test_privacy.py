"""What counts as a direct identifier, to Python and to DuckDB alike."""

from __future__ import annotations

import re

import duckdb
import pytest

from pipeline.quality.privacy import DIRECT_IDENTIFIER, hidden, masked

IDENTIFIERS = [
    "13912345678",
    "+8613912345678",
    "86-139-1234-5678",
    "call 139 1234 5678 now",
    '{"tel":"13912345678"}',
    "+44 20 7946 0958",
    "+14155550123",
    "li.lei+shop@mail.example.com",
    "李雷 <lilei@例子.example.cn> or lilei@example.cn",
]
OTHERS = [
    "",
    "12345678901",
    "139123456789",
    "oX13912345678f",
    "2024-03-31 13:45:10.123456",
    "7bcd7aff-6665-43f9-8734-cd23455c9de0",
    "@home",
    "tea @ 3.50",
    "18-25",
    "+5",
]


@pytest.mark.parametrize("text", IDENTIFIERS)
def test_identifier(text: str) -> None:
    """Both engines see it, and hiding leaves nothing to see."""
    assert re.search(DIRECT_IDENTIFIER, text)
    assert seen_by_duckdb(text)
    assert not re.search(DIRECT_IDENTIFIER, hidden(text))


@pytest.mark.parametrize("text", OTHERS)
def test_other_text(text: str) -> None:
    """Ids, times and numbers are left alone."""
    assert not re.search(DIRECT_IDENTIFIER, text)
    assert not seen_by_duckdb(text)
    assert hidden(text) == text


def seen_by_duckdb(text: str) -> bool:
    query = "select regexp_matches($1, $2)"
    [[seen]] = duckdb.execute(query, [text, DIRECT_IDENTIFIER]).fetchall()
    return bool(seen)


def test_rows_keep_the_numbers_of_things() -> None:
    """An order number may look like a phone number; a customer must not."""
    row = {"order_id": "13912345678", "customer_id": "13912345678", "rows": 2}

    assert masked(row) == row | {"customer_id": "13…78"}
