"""A customer who has everything is forgotten, against many a kill.

Cost: a copy of a small shop after one run, 20 seconds on two idle cores; 5 whole runs,
4 minutes, for what is long.
"""

from __future__ import annotations

import gzip
import re
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from mart_rows import assert_whole_version, fingerprints
from siyu_command import run_python, run_shop, siyu
from small_shop import copy_shop

from pipeline.storage.load_log import LoadLog

SCRIPT = Path(__file__).with_name("killed_call.py")
INGEST = Path(__file__).with_name("ingest_only.py")
# In the order in which they come; each attempt goes on where the one before was killed.
MOMENTS = [
    "before:rename:landing/",
    "after:rename:quarantine/",
    "before:rename:exports/",
    "before:rename:published/current",
    "during:prune",
]
_WITH_EVERYTHING = """
with everywhere as (
    select customer_id, 'members' as place from landing.members where phone is not null
    union all select customer_id, 'identities' from landing.identities
    union all select customer_id, 'consents' from landing.consents
    union all select customer_id, 'contacts' from landing.contacts
    union all select customer_id, 'orders' from landing.orders
    union all select customer_id, 'lines' from landing.order_lines
    union all select referred_customer_id, 'referred' from landing.interactions
    union all select regexp_extract(raw, 'C[0-9]{8}'), 'rejected' from quarantine
)
select customer_id, count(distinct place) as places
from everywhere where customer_id <> '' group by customer_id
order by places desc, customer_id limit 1
"""
_IDENTIFIERS = """
select phone from landing.members where customer_id = $1 and phone is not null
union select email from landing.members where customer_id = $1 and email is not null
union select id_value from landing.identities where customer_id = $1
"""
_ORDERS = """
select order_id from landing.orders where customer_id = $1
union select order_id from landing.order_lines where customer_id = $1
"""


def person_of(warehouse: Path) -> tuple[str, list[str], list[str]]:
    """The customer who is in most places, their identifiers, and their orders."""
    with duckdb.connect() as connection:
        connection.execute("create schema landing")
        for folder in (warehouse / "landing").iterdir():
            if folder.is_dir():
                connection.execute(
                    f"create view landing.{folder.name} as from '{folder}/*.parquet'"
                )
        files = f"{warehouse}/quarantine/*/*.parquet"
        connection.execute(f"create view quarantine as from '{files}'")
        [[customer, places]] = connection.execute(_WITH_EVERYTHING).fetchall()
        assert places >= 7, customer
        identifiers = connection.execute(_IDENTIFIERS, [customer]).fetchall()
        orders = connection.execute(_ORDERS, [customer]).fetchall()
    return customer, [v for (v,) in identifiers], [v for (v,) in orders]


def contents(warehouse: Path) -> Iterator[tuple[Path, bytes]]:
    """The bytes of each file, and what its tables and compressed data say."""
    for file in warehouse.rglob("*"):
        if file.is_symlink() or not file.is_file():
            continue
        content = file.read_bytes()
        yield file, content
        if file.suffix == ".parquet":
            yield file, repr(duckdb.sql(f"from '{file}'").fetchall()).encode()
        elif file.suffix == ".duckdb":
            with duckdb.connect(str(file), read_only=True) as connection:
                tables = "select schema_name, table_name from duckdb_tables()"
                for schema, table in connection.execute(tables).fetchall():
                    rows = connection.execute(f'from "{schema}"."{table}"').fetchall()
                    yield file, repr(rows).encode()
        elif file.suffix == ".sqlite":
            with sqlite3.connect(file) as load_log:
                yield file, "\n".join(load_log.iterdump()).encode()
        elif file.suffix == ".gz":
            yield file, gzip.decompress(content)


def holding(warehouse: Path, values: list[str]) -> set[Path]:
    pattern = re.compile("|".join(map(re.escape, values)).encode())
    return {file for file, content in contents(warehouse) if pattern.search(content)}


def remove_from(
    data: Path, customer: str, identifiers: list[str], orders: list[str]
) -> None:
    """Take a customer out of the raw files of a shop, as if they had never been."""
    values = "|".join(map(re.escape, [customer, *identifiers, *orders]))
    theirs = re.compile(values.encode())
    for file in [f for f in data.rglob("*") if f.is_file()]:
        if file.suffix == ".parquet":
            kept = file.with_suffix(".kept")
            rows = f"from '{file}' where external_contact is distinct from '{customer}'"
            duckdb.execute(f"copy ({rows}) to '{kept}' (format parquet)")
            kept.replace(file)
            continue
        if file.suffix not in (".csv", ".tsv", ".jsonl", ".gz"):
            continue
        content = file.read_bytes()
        packed = file.suffix == ".gz"
        content = gzip.decompress(content) if packed else content
        mention = f'"invitee":"{customer}"'.encode()
        content = content.replace(mention, b'"invitee":null')
        # Bytes: to a text, parts of other characters would look like ends of lines.
        lines = content.splitlines(keepends=True)
        content = b"".join(line for line in lines if not theirs.search(line))
        file.write_bytes(gzip.compress(content) if packed else content)


def send_again(config: Path) -> None:
    """Let the files of the members come once more, under new names and a bit longer."""
    for file in list((config.parent / "data" / "crm").iterdir()):
        again = file.with_stem(f"{file.stem.replace('_20', '_again_20')}")
        if again != file:
            again.write_bytes(file.read_bytes() + b"\n")


def test_forgotten_after_a_kill(published_shop: Path) -> None:
    """A trace that a kill leaves behind, and a customer who comes back with a file."""
    warehouse = published_shop.parent / "warehouse"
    customer, identifiers, _ = person_of(warehouse)
    moment = "before:rename:published/current"
    status = run_python(SCRIPT, published_shop, f"forget {customer}", moment)
    assert status == -signal.SIGKILL
    done = siyu("forget", customer, "--yes", "--config", published_shop)
    assert done.returncode == 0, done.stderr
    landed = len(LoadLog(warehouse / "ledger.sqlite").loads())
    send_again(published_shop)
    assert run_python(INGEST, published_shop) == 0
    assert len(LoadLog(warehouse / "ledger.sqlite").loads()) > landed
    assert holding(warehouse, [customer, *identifiers]) == set()


@pytest.mark.long
def test_forgotten_for_good(
    published_shop: Path, small_shop: Path, tmp_path: Path
) -> None:
    warehouse = published_shop.parent / "warehouse"
    customer, identifiers, orders = person_of(warehouse)
    held = {f.relative_to(warehouse).parts[0] for f in holding(warehouse, [customer])}
    assert {"landing", "quarantine", "build.duckdb", "published", "exports"} <= held
    for moment in MOMENTS:
        status = run_python(SCRIPT, published_shop, f"forget {customer}", moment)
        assert status == -signal.SIGKILL, moment
    done = siyu("forget", customer, "--yes", "--config", published_shop)
    assert done.returncode == 0, done.stderr
    assert "exports/rfm_segments/" in done.stdout
    assert "data/crm/members" in done.stdout
    assert holding(warehouse, [customer, *identifiers]) == set()
    assert not list((warehouse / "forgetting").iterdir())

    # As in a shop that never had them.
    other = copy_shop(small_shop, tmp_path / "other", with_warehouse=False)
    remove_from(other.parent / "data", customer, identifiers, orders)
    run_shop(other)
    expected = fingerprints(other.parent / "warehouse" / "siyu.duckdb")
    assert assert_whole_version(warehouse) == expected

    # Nothing is left to do, and nothing brings them back. The files of a copied shop
    # are looked at once.
    run_shop(published_shop)
    assert assert_whole_version(warehouse) == expected
    runs = len(LoadLog(warehouse / "ledger.sqlite").runs(100))
    run_shop(published_shop)
    assert len(LoadLog(warehouse / "ledger.sqlite").runs(100)) == runs
    send_again(published_shop)
    run_shop(published_shop)
    assert len(LoadLog(warehouse / "ledger.sqlite").runs(100)) == runs + 1
    assert holding(warehouse, [customer, *identifiers]) == set()
    assert assert_whole_version(warehouse) == expected
    with sqlite3.connect(warehouse / "ledger.sqlite") as load_log:
        [[wrong]] = load_log.execute(
            "select count(*) from loads where rows_read <> rows_accepted + "
            "rows_quarantined + rows_filtered"
        ).fetchall()
    assert wrong == 0
    done = siyu("forget", customer, "--yes", "--config", published_shop)
    assert done.returncode == 1
    assert "was forgotten on" in done.stderr
