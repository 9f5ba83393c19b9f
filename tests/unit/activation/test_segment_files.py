"""Files for operators: complete, marked by checksums, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import datetime
from pathlib import Path

import pytest
from support.builds import Scores, build

from pipeline.activation.segment_files import export_segments
from pipeline.errors import SiyuError
from pipeline.publish.publish import publish
from pipeline.storage.build_state import checked_build
from pipeline.storage.warehouse import Warehouse


def export(root: Path, scores: Scores, segments: list[str], hour: int = 0) -> Path:
    """Publish these scores, export them, and return the folder of the files."""
    warehouse = build(root, scores, segments)
    publish(warehouse, checked_build(warehouse), datetime(2025, 7, 1, hour))
    export_segments(warehouse)
    return warehouse.exports / "rfm_segments" / "2025-06-30"


def rows(file: Path) -> list[dict[str, str]]:
    """The rows as a spreadsheet reads them; the byte-order mark is there."""
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text))


@pytest.mark.parametrize(
    ("customer", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+86138", "'+86138"),
        ("-5", "'-5"),
        ("@sum(a1)", "'@sum(a1)"),
        ("\tx", "'\tx"),
        ("\r=1", "'\r=1"),
        ("=cmd|' /c calc'!a0", "'=cmd|' /c calc'!a0"),
        ("a=1", "a=1"),
        ("'=1", "'=1"),
        ('a"b,c', 'a"b,c'),
        ("a\nb", "a\nb"),
        ("a\r\n=b", "a\r\n=b"),
        ("张🙏", "张🙏"),
        ("\u202eabc", "\u202eabc"),
        ("中文，顿号", "中文，顿号"),
        ("", ""),
    ],
)
def test_texts_are_data_in_a_spreadsheet(
    tmp_path: Path, customer: str, written: str
) -> None:
    folder = export(tmp_path, [(customer, "new")], ["new"])
    (row,) = rows(folder / "new.csv")
    assert row["customer_id"] == written
    assert (row["recency_days"], row["monetary"]) == ("3", "9.50")


def test_the_manifest_says_what_is_in_each_file(tmp_path: Path) -> None:
    scores = [("b", "new"), ("a", "new"), ("c", "loyal")]
    folder = export(tmp_path, scores, ["new", "loyal", "empty", "segment", "manifest"])
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["rows"] == 3
    assert manifest["as_of_date"] == "2025-06-30"
    counts = {entry["segment"]: entry["rows"] for entry in manifest["files"]}
    expected = {"new": 2, "loyal": 1, "empty": 0, "segment": 0, "manifest": 0}
    assert counts == expected
    for entry in manifest["files"]:
        content = (folder / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        header = content.decode("utf-8-sig").splitlines()[0]
        assert header.split(",") == manifest["columns"]
        assert len(rows(folder / entry["file"])) == entry["rows"]


def test_rows_are_in_order(tmp_path: Path) -> None:
    folder = export(tmp_path, [("b", "new"), ("a", "new")], ["new"])
    assert [row["customer_id"] for row in rows(folder / "new.csv")] == ["a", "b"]


def test_files_of_segments_that_are_gone_are_removed(tmp_path: Path) -> None:
    """An operator would go on mailing yesterday's list."""
    export(tmp_path, [("a", "old")], ["old", "new"])
    folder = export(tmp_path, [("a", "new")], ["new"], hour=1)
    names = {file.name for file in folder.iterdir()}
    assert names == {"new.csv", "manifest.json"}


def test_nothing_is_exported_before_the_first_publish(tmp_path: Path) -> None:
    with pytest.raises(SiyuError, match="nothing has been published yet"):
        export_segments(Warehouse(tmp_path))
