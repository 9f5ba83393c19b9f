"""Every kind of file: a person is found in it, taken out, and then not found."""

from __future__ import annotations

import gzip
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
import zstandard

from pipeline.privacy.person import Person
from pipeline.privacy.rewrite import erase_from
from pipeline.privacy.search import find_person, places_in
from pipeline.storage.warehouse import Warehouse

PERSON = Person("C0000042", frozenset({"13912345678"}))
CSV = "customer_id,note\nC0000042,a\nC00000421,b\nC0000043,'13912345678\n"
LINES = '{"id":"C0000042"}\n{"id":"C0000043"}\n{"tel":["139 1234 5678"]}\n'


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    made = Warehouse(tmp_path / "w")
    made.prepare()
    return made


def write(file: Path) -> None:
    """Write two rows of the person among others, as the file's name says."""
    rows = "from (values ('C0000042', 1), ('x', 2), ('139 1234-5678', 3)) t(v, n)"
    if ".parquet" in file.name:
        duckdb.execute(f"copy (select v as anything, n {rows}) to '{file}'")
    elif ".duckdb" in file.name:
        with duckdb.connect(str(file)) as connection:
            connection.execute("create schema s")
            connection.execute(f"create table s.t as select v as anything, n {rows}")
            connection.execute("create view s.v as from s.t")
    elif ".sqlite" in file.name:
        with closing(sqlite3.connect(file)) as load_log, load_log:
            load_log.execute("create table t (v text primary key, n integer)")
            values = [("C0000042", 1), ("x", 2), ("call 139 1234-5678", 3)]
            load_log.executemany("insert into t values (?, ?)", values)
    else:
        content = (LINES if ".jsonl" in file.name else CSV).encode()
        if file.suffix == ".gz":
            content = gzip.compress(content)
        if file.suffix == ".zst":
            content = zstandard.ZstdCompressor().compress(content)
        file.write_bytes(content)


@pytest.mark.parametrize(
    "name",
    [
        "a.csv",
        "a.csv.gz",
        "a.csv.zst",
        "a.jsonl",
        "a.jsonl.gz",
        "a.txt",
        "a.parquet",
        "a.duckdb",
        "a.sqlite",
        "a.parquet.without-its-name",
    ],
)
def test_a_file_is_searched_and_cleaned(warehouse: Warehouse, name: str) -> None:
    file = warehouse.exports / name
    write(file)
    file.chmod(0o640)

    assert find_person(warehouse.root, PERSON) == {file: 2}
    assert erase_from(warehouse, file, PERSON) == 2
    assert find_person(warehouse.root, PERSON) == {}
    assert b"C0000042" not in file.read_bytes().replace(b"C00000421", b"")
    assert file.stat().st_mode & 0o777 == 0o640
    before = file.read_bytes()
    assert erase_from(warehouse, file, PERSON) == 0
    assert file.read_bytes() == before


def test_what_is_not_theirs_stays_as_it_was(warehouse: Warehouse) -> None:
    csv, lines = warehouse.exports / "a.csv", warehouse.exports / "a.jsonl"
    csv.write_text("\ufeff" + CSV.replace("\n", "\r\n"), "utf-8", newline="")
    write(lines)
    for file in (csv, lines):
        erase_from(warehouse, file, PERSON)
    assert csv.read_bytes().decode() == "\ufeffcustomer_id,note\r\nC00000421,b\r\n"
    assert lines.read_text() == '{"id":"C0000043"}\n'


def test_a_record_of_several_lines_goes_whole(warehouse: Warehouse) -> None:
    file = warehouse.exports / "a.csv"
    file.write_text('id,note\n1,"a\nC0000042\nb"\n2,c\n')
    assert erase_from(warehouse, file, PERSON) == 1
    assert file.read_text() == "id,note\n2,c\n"


def test_short_ids_go_by_column(warehouse: Warehouse) -> None:
    file = warehouse.exports / "a.csv"
    file.write_text("customer_id,orders\n7,1\n8,7\n'7,2\n")
    assert erase_from(warehouse, file, Person("7")) == 2
    assert file.read_text() == "customer_id,orders\n8,7\n"


def test_unknown_kinds_are_found_and_left(warehouse: Warehouse) -> None:
    """What cannot be rewritten must be named, not passed over."""
    file = warehouse.root / "a.bin"
    file.write_bytes(b"\x80\x00C0000042\x00")
    assert erase_from(warehouse, file, PERSON) == 0
    assert find_person(warehouse.root, PERSON) == {file: 1}


def test_a_broken_database_is_not_taken_for_a_clean_one(warehouse: Warehouse) -> None:
    file = warehouse.root / "a.parquet"
    file.write_bytes(b"PAR1 cut short")
    assert places_in(file, PERSON) == 1


def test_names_of_files_count(warehouse: Warehouse) -> None:
    file = warehouse.exports / "C0000042.txt"
    file.write_text("nothing")
    assert find_person(warehouse.root, PERSON) == {file: 1}


def test_manifests_are_right_again(warehouse: Warehouse) -> None:
    folder = warehouse.exports / "segments" / "2025-01-01"
    folder.mkdir(parents=True)
    file, manifest = folder / "a.csv", folder / "manifest.json"
    file.write_text("customer_id\nC0000042\nC0000043\n")
    other = {"file": "b.csv", "rows": 5, "sha256": "b"}
    files = [{"file": "a.csv", "rows": 2, "sha256": "a"}, other]
    manifest.write_text(json.dumps({"export": "segments", "files": files, "rows": 7}))

    erase_from(warehouse, file, PERSON)

    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert json.loads(manifest.read_text()) == {
        "export": "segments",
        "files": [{"file": "a.csv", "rows": 1, "sha256": digest}, other],
        "rows": 6,
    }
