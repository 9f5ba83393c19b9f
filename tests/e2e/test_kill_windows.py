"""SIGKILL in the moments that are too short to be hit by chance.

The parts of a run are called by a process that kills itself there; then they are called
again without. Cost: 1 whole run of a small shop, and 40 seconds on two idle cores.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import sqlite3
from pathlib import Path

import duckdb
import pytest
from mart_rows import assert_whole_version, fingerprints
from siyu_command import run_python
from small_shop import copy_shop

SCRIPT = Path(__file__).with_name("killed_call.py")
INGEST = [
    "after:rename:quarantine/orders",
    "before:rename:landing/orders",
    "after:rename:landing/orders",
    "before:load:4",
    "after:load:4",
    "after:rename:files.parquet",
]
FIRST_PUBLISH = [
    "before:rename:published/2025",
    "before:rename:published/current",
    "after:rename:published/current",
    "after:rename:siyu.duckdb",
]
# The moment, and whether the new version is out then.
LATER_PUBLISH = {
    "before:rename:published/2025": False,
    "after:rename:published/2025": False,
    "after:rename:published/current": True,
    "during:prune": True,
}


def call(config: Path, part: str, moment: str = "never") -> None:
    status = run_python(SCRIPT, config, part, moment)
    assert status == (0 if moment == "never" else -signal.SIGKILL)


def change_the_build(warehouse: Path) -> None:
    """Take some rows out of the marts that are built but not yet published."""
    with duckdb.connect(str(warehouse / "build.duckdb")) as connection:
        for table in ("fct_orders", "rfm_scores"):
            connection.execute(
                f"delete from marts.{table} where hash(customer_id) % 10 = "
                f"(select min(hash(customer_id) % 10) from marts.{table})"
            )


@pytest.fixture(scope="module")
def few_files(small_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few") / "shop"
    copy_shop(small_shop, folder, with_warehouse=False)
    for name in ("app", "wecom", "crm"):
        shutil.rmtree(folder / "data" / name)
    for file in (folder / "data").rglob("*_2025-0[34]*"):
        file.unlink()
    return folder


@pytest.fixture(scope="module")
def undisturbed(few_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = copy_shop(few_files, tmp_path_factory.mktemp("whole") / "shop")
    call(config, "ingest")
    return config.parent / "warehouse"


def landed(warehouse: Path) -> dict[str, object]:
    """Everything that ingest leaves behind, times and durations aside."""
    query = (
        "select load_id, source, entity, content_hash, rows_read, rows_accepted, "
        "rows_quarantined, rows_filtered from loads order by load_id"
    )
    with sqlite3.connect(warehouse / "ledger.sqlite") as load_log:
        loads = load_log.execute(query).fetchall()
    with duckdb.connect() as connection:
        files = {
            file.relative_to(warehouse).as_posix(): connection.execute(
                f"select count(*), sum(hash(t)::hugeint) from '{file}' as t"
            ).fetchone()
            for file in warehouse.glob("[lq]*/**/*.parquet")
        }
    return {"loads": loads, "files": files}


@pytest.mark.parametrize("moment", INGEST)
def test_ingest_goes_on_after(
    moment: str, few_files: Path, undisturbed: Path, tmp_path: Path
) -> None:
    config = copy_shop(few_files, tmp_path / "shop")
    call(config, "ingest", moment)
    call(config, "ingest")
    assert landed(config.parent / "warehouse") == landed(undisturbed)


@pytest.mark.parametrize("moment", FIRST_PUBLISH)
def test_first_publish_is_whole_or_absent_after(
    moment: str, published_shop: Path
) -> None:
    warehouse = published_shop.parent / "warehouse"
    expected = fingerprints(warehouse / "siyu.duckdb")
    shutil.rmtree(warehouse / "published")
    (warehouse / "siyu.duckdb").unlink()
    (warehouse / "marts").unlink()
    call(published_shop, "publish", moment)
    if (warehouse / "siyu.duckdb").exists():
        assert fingerprints(warehouse / "siyu.duckdb") == expected
    call(published_shop, "publish")
    assert assert_whole_version(warehouse) == expected
    assert not list(warehouse.glob(".siyu*")) + list(
        (warehouse / "published").glob(".*")
    )


@pytest.mark.parametrize("moment", LATER_PUBLISH)
def test_later_publish_is_the_old_or_the_new_version_after(
    moment: str, published_shop: Path
) -> None:
    warehouse = published_shop.parent / "warehouse"
    call(published_shop, "publish")  # so that there is one to be removed
    old = assert_whole_version(warehouse)
    change_the_build(warehouse)
    call(published_shop, "publish", moment)
    now = assert_whole_version(warehouse)
    assert (now != old) == LATER_PUBLISH[moment]
    call(published_shop, "publish")
    assert assert_whole_version(warehouse) != old
    versions = [p for p in (warehouse / "published").iterdir() if not p.is_symlink()]
    assert len(versions) == 2
    assert not list((warehouse / "published").glob(".*"))


def test_the_version_that_readers_have_is_kept_after_a_killed_publish(
    published_shop: Path,
) -> None:
    warehouse = published_shop.parent / "warehouse"
    in_use = (warehouse / "published" / "current").resolve()
    call(published_shop, "publish", "before:rename:published/current")
    call(published_shop, "publish")
    assert (in_use / "siyu.duckdb").exists()


def test_export_files_are_old_or_new_after_a_kill(published_shop: Path) -> None:
    warehouse = published_shop.parent / "warehouse"
    (folder,) = (warehouse / "exports" / "rfm_segments").iterdir()
    old = checksums(folder)
    assert old == promised(folder)
    change_the_build(warehouse)
    call(published_shop, "publish")
    call(published_shop, "export", "before:rename:loyal.csv")
    broken_off = checksums(folder)
    assert promised(folder) == old
    call(published_shop, "export")
    new = checksums(folder)
    assert new == promised(folder)
    assert new != old
    assert {old["loyal.csv"]} == {broken_off["loyal.csv"]}
    assert all(broken_off[name] in (old[name], new[name]) for name in new)


def checksums(folder: Path) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.glob("*.csv")
    }


def promised(folder: Path) -> dict[str, str]:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    return {file["file"]: file["sha256"] for file in manifest["files"]}
