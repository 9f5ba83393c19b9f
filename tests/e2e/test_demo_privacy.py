"""Phone numbers and addresses of members stay where only the owner can read.

Cost: reads all files of the demo shop that others share, half a minute.
"""

from __future__ import annotations

import re
import sqlite3
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipeline.quality.privacy import DIRECT_IDENTIFIER

_FOUND = re.compile(DIRECT_IDENTIFIER)
_KNOWN = """
select phone from read_parquet('{w}/landing/members/*.parquet') where phone is not null
union select email from read_parquet('{w}/landing/members/*.parquet')
where email is not null
union select id_value from read_parquet('{w}/landing/identities/*.parquet')
where id_type = 'phone'
"""


@pytest.fixture(scope="module")
def known(shop: Path) -> set[str]:
    """All phone numbers and addresses that have landed, as `compared` writes them."""
    rows = duckdb.sql(_KNOWN.format(w=shop / "warehouse")).fetchall()
    found = {compared(value) for (value,) in rows}
    assert len(found) > 1_000
    return found


def compared(value: str) -> str:
    """An address in small letters, a number by its last eleven digits."""
    if "@" in value:
        return value.strip().lower()
    return re.sub(r"\D", "", value)[-11:]


def texts(file: Path) -> Iterator[str]:
    """What a file says: its tables as text, or itself."""
    if file.suffix == ".parquet":
        yield from _cells(duckdb.connect(), f"read_parquet('{file}')")
    elif file.suffix == ".duckdb":
        with duckdb.connect(str(file), read_only=True) as connection:
            tables = "select schema_name, table_name from duckdb_tables()"
            for schema, table in connection.execute(tables).fetchall():
                yield from _cells(connection, f'"{schema}"."{table}"')
    elif file.suffix == ".sqlite":
        with sqlite3.connect(file) as load_log:
            yield from load_log.iterdump()
    else:
        yield file.read_bytes().decode("utf-8", "replace")


def _cells(connection: duckdb.DuckDBPyConnection, source: str) -> Iterator[str]:
    """Every text of a table that looks as if it held a phone number or an address."""
    columns = connection.execute(f"describe from {source}").fetchall()
    for name, sql_type, *_ in columns:
        if "VARCHAR" in sql_type:
            rows = connection.execute(
                f'select distinct cast("{name}" as varchar) as cell from {source} '
                "where regexp_matches(cell, $1)",
                [DIRECT_IDENTIFIER],
            ).fetchall()
            yield from (cell for (cell,) in rows)


def identifiers_in(file: Path, known: set[str]) -> set[str]:
    """The known identifiers that a file shows."""
    looks = (m.group() for text in texts(file) for m in _FOUND.finditer(text))
    return {compared(look) for look in looks} & known


def test_no_public_file_has_one(shop: Path, known: set[str]) -> None:
    """A mart, a report, Data Docs or an export that shows whom to call."""
    warehouse = shop / "warehouse"
    files = [file for file in files_of(warehouse) if is_public(file, warehouse)]
    held = Counter(file.relative_to(warehouse).parts[0] for file in files)
    assert held["published"] > 30
    assert held["report"] > 30
    assert held["exports"] > 5
    assert [file for file in files if identifiers_in(file, known)] == []


def test_logs_and_the_ledger_have_none(shop: Path, known: set[str]) -> None:
    """A log that quotes the row it complains of."""
    warehouse = shop / "warehouse"
    files = [warehouse / "ledger.sqlite", *(warehouse / "dbt").rglob("*")]
    files = [file for file in files if file.is_file()]
    assert (warehouse / "dbt" / "dbt.log") in files
    assert [file for file in files if identifiers_in(file, known)] == []


def test_files_that_have_them_are_the_owners_alone(shop: Path, known: set[str]) -> None:
    """A file that a colleague's account can open."""
    warehouse = shop / "warehouse"
    private = {file for file in files_of(warehouse) if not is_public(file, warehouse)}
    having = [
        warehouse / "build.duckdb",
        *(warehouse / "landing" / "members").iterdir(),
        *(warehouse / "landing" / "identities").iterdir(),
        *(warehouse / "quarantine" / "members").iterdir(),
    ]
    assert set(having) <= private
    assert any(identifiers_in(file, known) for file in having)
    secret = ["ledger.sqlite", "build.duckdb"]
    modes = [stat.S_IMODE((warehouse / name).stat().st_mode) for name in secret]
    assert modes == [0o600, 0o600]


def files_of(warehouse: Path) -> list[Path]:
    found = [f for f in warehouse.rglob("*") if f.is_file() and not f.is_symlink()]
    return [file for file in found if file.name != ".lock"]


def is_public(file: Path, warehouse: Path) -> bool:
    """Whether others can read a file: they may enter every folder on the way to it."""
    folders = [f for f in file.parents if f.is_relative_to(warehouse)]
    return bool(file.stat().st_mode & stat.S_IROTH) and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in folders
    )
