"""The dirt: every kind that is promised is there, and damage does what it says."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from demo_shop import dirt
from demo_shop.dirt import CsvDamage, JsonDamage, choose_bad_rows, spoil_batch
from demo_shop.vocabulary import NOTES

Truth = dict[str, Any]
_LINE = 'M1,C1,2024-01-01 10:00:00,9.90,"two\nlines, ""quoted"" 🙏",0'
_DAMAGE = CsvDamage({dirt.NUMBER: 3, dirt.TIME: 2, dirt.MISSING: 2, dirt.BOUNDS: 2})


def _fields(line: str) -> list[str]:
    rows = list(csv.reader(io.StringIO(line)))
    assert len(rows) == 1
    return rows[0]


@pytest.mark.parametrize(
    ("kind", "width", "position", "value"),
    [
        (dirt.NUMBER, 6, 3, "一百二十"),
        (dirt.TIME, 6, 2, "2024-02-30 10:11:12"),
        (dirt.BOUNDS, 6, 2, "1899-12-31 00:00:00"),
        (dirt.MISSING, 6, 2, ""),
        (dirt.FEW_FIELDS, 4, 0, "M1"),
        (dirt.MANY_FIELDS, 8, 6, "?"),
    ],
)
def test_a_spoilt_line_is_one_row_with_one_fault(
    kind: str, width: int, position: int, value: str
) -> None:
    """A newline in a quoted field must not turn one bad row into two."""
    fields = _fields(_DAMAGE.spoil(_LINE, kind))
    assert len(fields) == width
    assert fields[position] == value


def test_a_cut_line_is_too_short_and_closes_its_quotes() -> None:
    assert _fields(_DAMAGE.cut(_LINE)) == ["M1", "C1", "2024-01-0"]


def test_json_damage() -> None:
    damage = JsonDamage({dirt.MISSING: "event", dirt.BOUNDS: "ts"})
    line = '{"event":"share","ts":1735660800000}'
    assert json.loads(damage.spoil(line, dirt.MISSING))["event"] is None
    assert json.loads(damage.spoil(line, dirt.BOUNDS))["ts"] == 0
    with pytest.raises(json.JSONDecodeError):
        json.loads(damage.cut(line))


def test_bad_rows_are_few_fixed_and_never_in_tiny_files() -> None:
    chosen = choose_bad_rows(_DAMAGE, 1, "a.csv", 1_000)
    assert chosen == choose_bad_rows(_DAMAGE, 1, "a.csv", 1_000)
    assert 0 < len(chosen) <= 5
    assert choose_bad_rows(_DAMAGE, 1, "a.csv", 100) == {}
    assert choose_bad_rows(None, 1, "a.csv", 1_000) == {}


def test_row_numbers_across_batches() -> None:
    """Rows are numbered over the whole file, spoilt copies included."""
    found: list[dirt.BadRow] = []
    bad = {1: "x", 2: "y", 4: "x"}
    lines = []
    for offset in (0, 3):
        batch = [f"{n}" for n in range(offset, offset + 3)]
        lines += spoil_batch(batch, offset, bad, lambda text, _: f"bad {text}", found)
    assert lines == ["0", "1", "bad 1", "2", "bad 2", "3", "4", "bad 4", "5"]
    assert [lines[row.row - 1] for row in found] == ["bad 1", "bad 2", "bad 4"]


def test_all_kinds_of_bad_rows_occur(truth: Truth) -> None:
    assert set(truth["dirt"]["bad_rows"]) == {
        *("number", "time", "bounds", "missing", "boolean"),
        *("few_fields", "many_fields", "truncated"),
    }
    assert all(
        truth["dirt"][name] > 0
        for name in (
            "repeated_rows",
            "updated_rows",
            "filtered_rows",
            "late_refunds",
            "partial_refunds",
            "returns_in_stores",
            "equal_lines_in_stores",
        )
    )


def test_forms_of_files(shop: Path, truth: Truth) -> None:
    data = shop / "data"
    assert (data / "crm/consents.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in (data / "crm/members_2024.csv").read_bytes()
    assert b"\r\n" not in (data / "crm/members_2025.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        (data / "pos/sales_2024-11.csv").read_text("utf-8")
    assert not (data / "mall/orders_2024-11.csv").read_bytes().endswith(b"\n")
    assert not (data / "app/events_2024-11.jsonl").read_bytes().endswith(b"\n")
    closed = "data/pos/sales_2025-06-24.csv"
    assert closed in truth["dirt"]["files_without_rows"]
    assert (shop / closed).read_text("gb18030").count("\n") == 1


def test_one_column_has_four_forms_of_time(shop: Path) -> None:
    text = (shop / "data/mall/orders_2025-03.csv").read_text("utf-8")
    for form in (
        r",\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,",
        r",\d{4}/\d\d/\d\d \d\d:\d\d,",
        r",\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00,",
        r",\d{13},",
    ):
        assert re.search(form, text)


def test_free_text_that_breaks_naive_readers(shop: Path) -> None:
    folder = shop / "data/crm"
    text = "".join(
        (folder / name).read_bytes().decode("utf-8")
        for name in ("members_2024.csv", "members_2025.csv")
    )
    notes = {row[19] for row in csv.reader(io.StringIO(text, newline="")) if row[19:]}
    assert set(NOTES) <= notes
