"""Published versions: whole, switched in one step, old ones readable for a while."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from support.builds import AS_OF, build

from pipeline.errors import SiyuError
from pipeline.publish import publish as module
from pipeline.publish.publish import PublishedVersion, publish, write_version
from pipeline.storage.build_state import (
    BuildState,
    checked_build,
    record_checks,
    record_start,
)
from pipeline.storage.version_manifest import read_manifest
from pipeline.storage.warehouse import Warehouse

NOON = datetime(2025, 7, 1, 12)


def published(root: Path, customers: int, *, hours: int = 0) -> PublishedVersion:
    """Build so many customers and publish them."""
    rows = [(f"c{n}", "new") for n in range(customers)]
    warehouse = build(root, rows, ["new"])
    return publish(warehouse, checked_build(warehouse), NOON + timedelta(hours=hours))


def count(database: Path) -> int:
    with duckdb.connect(str(database), read_only=True) as connection:
        row = connection.execute("select count(*) from marts.rfm_scores").fetchone()
    assert row is not None
    return int(row[0])


def test_database_and_files_hold_the_same(tmp_path: Path) -> None:
    assert published(tmp_path, 3).row_counts == {"dim_rfm_segment": 1, "rfm_scores": 3}
    warehouse = Warehouse(tmp_path)
    assert count(warehouse.database) == 3
    files = {file.stem for file in warehouse.marts.iterdir()}
    assert files == {"dim_rfm_segment", "rfm_scores", "published"}
    scores = duckdb.sql(f"from '{warehouse.marts / 'rfm_scores.parquet'}'").fetchall()
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        assert connection.execute("from marts.rfm_scores").fetchall() == scores


def test_what_is_published_is_said_in_it(tmp_path: Path) -> None:
    version = published(tmp_path, 3).version
    warehouse = Warehouse(tmp_path)
    query = "select table_name, row_count, as_of_date, published_at, run_id"
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        rows = connection.execute(f"{query} from marts.published order by 1").fetchall()
    assert rows == [
        ("dim_rfm_segment", 1, AS_OF, NOON, "run-1234567"),
        ("rfm_scores", 3, AS_OF, NOON, "run-1234567"),
    ]
    manifest = read_manifest(warehouse)
    assert manifest is not None
    assert manifest["version"] == version
    assert manifest["row_counts"] == {"dim_rfm_segment": 1, "rfm_scores": 3}


def test_descriptions_come_along(tmp_path: Path) -> None:
    published(tmp_path, 1)
    database = str(Warehouse(tmp_path).database)
    with duckdb.connect(database, read_only=True) as connection:
        tables = connection.execute(
            "select comment from duckdb_tables() where table_name = 'rfm_scores'"
        ).fetchall()
        columns = connection.execute(
            "select comment from duckdb_columns() where column_name = 'monetary'"
        ).fetchall()
    assert (tables, columns) == ([("it's scores",)], [("金额",)])


def test_older_clients_can_read_the_file(tmp_path: Path) -> None:
    published(tmp_path, 1)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{Warehouse(tmp_path).database}' as s (read_only)")
        row = connection.execute(
            "select tags['storage_version'] from duckdb_databases() "
            "where database_name = 's'"
        ).fetchone()
    assert row is not None
    assert row[0].startswith("v1.2.0")


def test_a_reader_goes_on_with_what_it_has_open(tmp_path: Path) -> None:
    published(tmp_path, 3)
    database = Warehouse(tmp_path).database
    with duckdb.connect(str(database.resolve()), read_only=True) as old:
        published(tmp_path, 5, hours=1)
        published(tmp_path, 7, hours=2)
        assert old.execute("select count(*) from marts.rfm_scores").fetchone() == (3,)
    assert count(database) == 7


def test_two_versions_are_kept(tmp_path: Path) -> None:
    versions = [published(tmp_path, 1, hours=n).version for n in range(4)]
    folder = Warehouse(tmp_path).published
    kept = {path.name for path in folder.iterdir() if not path.is_symlink()}
    assert kept == set(versions[-2:])
    assert (folder / "current").readlink() == Path(versions[-1])


def test_nothing_changes_until_all_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(tmp_path, 3)
    warehouse = Warehouse(tmp_path)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    for step in ("write_manifest", "_fsync_and_lock_down", "_switch"):
        with monkeypatch.context() as patched:
            patched.setattr(module, step, killed)
            with pytest.raises(KeyboardInterrupt):
                published(tmp_path, 5, hours=1)
        assert count(warehouse.database) == 3, step
        marts = duckdb.sql(f"from '{warehouse.marts / 'rfm_scores.parquet'}'")
        assert len(marts.fetchall()) == 3, step
    published(tmp_path, 5, hours=2)
    assert count(warehouse.database) == 5


def test_one_rename_switches_database_and_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two renames a reader would see tables of different days."""
    published(tmp_path, 3)
    warehouse = Warehouse(tmp_path)
    seen: list[tuple[int, int]] = []
    sync = module.sync_folder

    def look(folder: Path) -> None:
        marts = duckdb.sql(f"from '{warehouse.marts / 'rfm_scores.parquet'}'")
        seen.append((count(warehouse.database), len(marts.fetchall())))
        sync(folder)

    monkeypatch.setattr(module, "sync_folder", look)
    published(tmp_path, 5, hours=1)
    assert seen
    assert set(seen) <= {(3, 3), (5, 5)}


def test_published_files_cannot_be_written(tmp_path: Path) -> None:
    published(tmp_path, 1)
    warehouse = Warehouse(tmp_path)
    for file in [warehouse.database, *warehouse.marts.iterdir()]:
        assert file.stat().st_mode & 0o222 == 0, file
        assert os.access(file, os.R_OK)


def test_a_build_that_was_not_checked_stays_private(tmp_path: Path) -> None:
    warehouse = build(tmp_path, [("c", "new")], ["new"], checked=False)
    with pytest.raises(SiyuError, match="has not passed its checks; nothing was"):
        checked_build(warehouse)
    record_checks(warehouse, passed=False)
    with pytest.raises(SiyuError, match="has not passed its checks"):
        checked_build(warehouse)
    record_checks(warehouse, passed=True)
    assert checked_build(warehouse).as_of_date == AS_OF


def test_a_build_that_is_not_whole_stays_private(tmp_path: Path) -> None:
    warehouse = build(tmp_path, [("c", "new")], ["new"])
    record_start(warehouse, BuildState(AS_OF, "run-2"))
    with pytest.raises(SiyuError, match="there is no finished build"):
        checked_build(warehouse)
    with pytest.raises(SiyuError, match="there is no finished build"):
        checked_build(Warehouse(tmp_path / "other"))


def test_the_manifest_is_json_that_people_can_read(tmp_path: Path) -> None:
    published(tmp_path, 1)
    text = (Warehouse(tmp_path).published / "current" / "published.json").read_text()
    assert json.loads(text)["as_of_date"] == "2025-06-30"


def test_identifiers_lie_beside_the_marts_for_their_owner_alone(tmp_path: Path) -> None:
    """A phone number that everybody who may read marts can read."""
    warehouse = build(tmp_path, [("c1", "new")], ["new"])
    with duckdb.connect(str(warehouse.build_database)) as connection:
        connection.execute(
            "create schema intermediate; "
            "create table intermediate.int_customer_identifiers as select "
            "'c1' as customer_id, 'phone' as id_type, '138' as id_value, 1 as id_rank"
        )
    publish(warehouse, checked_build(warehouse), NOON)
    current = warehouse.published / "current"
    file = current / "identifiers.parquet"
    assert duckdb.sql(f"from '{file}'").fetchall() == [("c1", "phone", "138", 1)]
    assert file.stat().st_mode & 0o777 == 0o400
    tables = {path.stem for path in warehouse.marts.iterdir()}
    assert tables == {"dim_rfm_segment", "rfm_scores", "published"}


def test_history_has_no_identifiers(tmp_path: Path) -> None:
    warehouse = build(tmp_path, [("c1", "new")], ["new"])
    with duckdb.connect(str(warehouse.build_database)) as connection:
        connection.execute(
            "create schema intermediate; "
            "create table intermediate.int_customer_identifiers as select 1 as "
            "customer_id, 'phone' as id_type, '138' as id_value, 1 as id_rank"
        )
    state = checked_build(warehouse)
    target = warehouse.history / "2025-06-30"
    write_version(warehouse, warehouse.build_database, target, state, NOON)
    assert not (target / "identifiers.parquet").exists()
