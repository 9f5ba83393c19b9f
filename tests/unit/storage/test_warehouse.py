"""The warehouse folder: who may write to it, and files that appear whole."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from pipeline.errors import SiyuError
from pipeline.storage.atomic_files import owner_only, replace_file
from pipeline.storage.warehouse import Warehouse

_HOLDER = """
import sys, time
from pathlib import Path
from pipeline.storage.warehouse import Warehouse
with Warehouse(Path(sys.argv[1])).lock("siyu run"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_one_process_at_a_time_and_the_message_names_it(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "w")
    command = [sys.executable, "-c", _HOLDER, str(warehouse.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        expected = rf"in use by `siyu run` \(process {holder.pid} on "
        with pytest.raises(SiyuError, match=expected), warehouse.lock("another"):
            pass
        holder.kill()
    # The lock goes with its process, however it ends.
    with warehouse.lock("the next"):
        pass


def test_whoever_holds_it_may_take_it_again(tmp_path: Path) -> None:
    """A run that is part of something larger; another thread is somebody else."""
    warehouse = Warehouse(tmp_path / "w")

    def lock() -> None:
        with warehouse.lock("another thread"):
            pass

    with warehouse.lock("the whole"):
        with warehouse.lock("a part"):
            pass
        with ThreadPoolExecutor(1) as pool, pytest.raises(SiyuError, match="the whole"):
            pool.submit(lock).result()
    lock()


def test_a_warehouse_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SiyuError, match=r"cannot be written to: .*--warehouse"):
        Warehouse(tmp_path / "file" / "w").prepare()


def test_files_of_a_database_are_the_owners_alone(tmp_path: Path) -> None:
    """The log beside a database comes and goes, and holds rows meanwhile."""
    database = tmp_path / "build.duckdb"
    with owner_only(), duckdb.connect(str(database)) as connection:
        connection.execute("set checkpoint_threshold = '1GB'")
        connection.execute("create table t as select 1 as n")
        made = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert made == {"build.duckdb": 0o600, "build.duckdb.wal": 0o600}
    (tmp_path / "other").touch()
    assert (tmp_path / "other").stat().st_mode & 0o044


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    old, new = tmp_path / "deep" / "target", tmp_path / "new"
    new.write_text("1")
    replace_file(new, old)
    with old.open() as reader:
        new.write_text("2")
        replace_file(new, old)
        assert reader.read() == "1"
    assert old.read_text() == "2"
    assert not new.exists()
