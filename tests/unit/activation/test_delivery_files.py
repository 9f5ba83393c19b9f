"""Files of exports hold what the marts hold, whatever customers have written."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.receiver import csv_rows

from pipeline.activation.delivery_files import (
    WrittenFile,
    file_names,
    safe_name,
    write_files,
)
from pipeline.config.destination import Destination

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
NASTY = [
    "=cmd|' /c calc'!a0",
    "+86138",
    "-5",
    "@sum(a1)",
    "\tx",
    "\r=1",
    "'=1",
    'a"b,c;d',
    "a\nb",
    "a\r\n=b",
    "\n=1",
    " spaces ",
    "",
    "张🙏👩‍👩‍👧",
    "\u202eabc",
    "\ufeffabc",
    "null",
    "NaN",
    "../../etc/passwd",
    "a\\b",
    '{"a": 1}',
    "x" * 100_000,
]
# No lone surrogates, which are no text, and no null character, which ends a csv cell
# for many readers.
texts = st.lists(
    st.one_of(
        st.sampled_from(NASTY),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    ),
    min_size=1,
    max_size=6,
)


def destination(**keys: object) -> Destination:
    columns = {"text": "customer.region", "no": "customer.valid_orders"}
    document = {"name": "d", "audiences": ["*"], "columns": columns, **keys}
    return Destination.model_validate(document)


def written(
    folder: Path, to: Destination, values: list[str | None]
) -> list[WrittenFile]:
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    with duckdb.connect() as connection:
        connection.execute(
            'create table t ("text" varchar, no int, _list varchar, _change varchar, '
            "_order int)"
        )
        connection.executemany(
            "insert into t values (?, ?, ?, 'add', ?)",
            [(value, n, "a list", n) for n, value in enumerate(values)],
        )
        return write_files(connection, to, "from t", "2025-06-30", folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@settings(max_examples=60)
@given(texts)
@example(NASTY)
def test_csv_escapes_formulas_and_nothing_else(folder: Path, values: list[str]) -> None:
    (file,) = written(folder, destination(), list(values))
    content = (folder / file.file).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    found = [row["text"] for row in csv_rows(content)]
    assert found == [f"'{x}" if x.startswith(FORMULAS) else x for x in values]
    assert [row["no"] for row in csv_rows(content)] == [
        str(n) for n in range(len(values))
    ]


@settings(max_examples=60)
@given(texts)
@example(NASTY)
def test_jsonl_has_every_text_unchanged(folder: Path, values: list[str]) -> None:
    (file,) = written(folder, destination(format="jsonl"), list(values))
    lines = (folder / file.file).read_text("utf-8").split("\n")
    assert lines.pop() == ""
    assert [json.loads(line)["text"] for line in lines] == values


@settings(max_examples=30)
@given(texts)
@example(NASTY)
def test_parquet_has_every_text_unchanged(folder: Path, values: list[str]) -> None:
    (file,) = written(folder, destination(format="parquet"), list(values))
    assert pq.read_table(folder / file.file)["text"].to_pylist() == values


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_no_value_is_no_value(folder: Path, kind: str) -> None:
    (file,) = written(folder, destination(format=kind), [None])
    assert file.rows == 1


def test_a_csv_file_for_a_machine_has_no_mark(folder: Path) -> None:
    (file,) = written(folder, destination(byte_order_mark=False), ["x"])
    assert (folder / file.file).read_bytes() == b"text,no\nx,0\n"


@given(st.text())
@example("../../etc/passwd")
@example("..")
@example("")
@example("a/b\\c:d*e?f")
@example("客" * 300)
@example("\x00\n")
def test_names_of_files_are_safe(text: str) -> None:
    name = safe_name(text)
    assert name
    assert not set(name) & set('/\\:*?"<>|\0\n\r')
    assert not name.startswith(".")
    assert len(name.encode()) < 200


@given(st.lists(st.text(max_size=3), unique=True, min_size=1))
@example(["a/b", "a_b", "A_B", "a\\b"])
def test_names_of_files_are_different_in_any_case(lists: list[str]) -> None:
    names = file_names(destination(), [(name, None) for name in lists], "2025-06-30")
    assert len({name.lower() for name in names.values()}) == len(lists)


def test_a_name_is_made_of_what_is_asked_for() -> None:
    to = destination(file="{destination}-{list}-{change}-{as_of}")
    names = file_names(to, [("new", "add")], "2025-06-30")
    assert names == {("new", "add"): "d-new-add-2025-06-30"}
