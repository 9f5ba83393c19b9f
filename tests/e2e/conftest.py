"""Shops that several test files start from, each built once by whoever is first."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock
from siyu_command import run_shop, siyu
from small_shop import copy_shop, write_small_shop

# Of the shop whose marts are compared with what was planted in it.
CUSTOMERS = 2_000


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this test session share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "e2e"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def small_shop(shared_folder: Path) -> Path:
    """The folder of a small demo shop that nothing has run on. Copy it before use."""
    folder = shared_folder / "small"
    with FileLock(shared_folder / "small.lock"):
        if not (shared_folder / "small.ready").exists():
            write_small_shop(folder)
            (shared_folder / "small.ready").touch()
    return folder


@pytest.fixture(scope="session")
def published_warehouse(small_shop: Path, shared_folder: Path) -> Path:
    """The warehouse of the small shop after one run. Copy it before use."""
    warehouse = shared_folder / "published"
    with FileLock(shared_folder / "published.lock"):
        if not (shared_folder / "published.ready").exists():
            run_shop(small_shop / "siyu.yaml", "--warehouse", warehouse)
            (shared_folder / "published.ready").touch()
    return warehouse


@pytest.fixture
def published_shop(small_shop: Path, published_warehouse: Path, tmp_path: Path) -> Path:
    """The siyu.yaml of a copy of the small shop after one run, to write to."""
    config = copy_shop(small_shop, tmp_path / "shop", with_warehouse=False)
    shutil.copytree(published_warehouse, config.parent / "warehouse", symlinks=True)
    return config


@pytest.fixture(scope="session")
def shop(shared_folder: Path) -> Path:
    """A demo shop of some thousand customers, after one run. Only read it."""
    folder = shared_folder / "truth"
    with FileLock(shared_folder / "truth.lock"):
        if not (shared_folder / "truth.ready").exists():
            done = siyu("demo", "--customers", str(CUSTOMERS), "--out", folder)
            assert done.returncode == 0, done.stderr
            run_shop(folder / "siyu.yaml")
            (shared_folder / "truth.ready").touch()
    return folder


@pytest.fixture(scope="session")
def truth(shop: Path) -> dict[str, Any]:
    """What was planted in that shop."""
    content: dict[str, Any] = json.loads((shop / "truth.json").read_text("utf-8"))
    return content


@pytest.fixture(scope="session")
def marts(shop: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published marts of that shop."""
    database = str(shop / "warehouse" / "siyu.duckdb")
    with duckdb.connect(database, read_only=True) as connection:
        yield connection
