"""Shops that several test files start from, each built once by whoever is first."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock
from siyu_command import run_shop
from small_shop import write_small_shop


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
