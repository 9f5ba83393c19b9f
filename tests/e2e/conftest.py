"""Shops that several test files start from, each built once by whoever is first."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from siyu_command import run_shop, siyu
from small_shop import copy_shop, write_small_shop
from support.shared import built_once

# Of the shop whose marts are compared with what was planted in it.
CUSTOMERS = 2_000


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small demo shop that nothing has run on. Copy it before use."""
    return built_once(tmp_path_factory, "small", write_small_shop)


@pytest.fixture(scope="session")
def published_warehouse(
    small_shop: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The warehouse of the small shop after one run. Copy it before use."""
    return built_once(
        tmp_path_factory,
        "published",
        lambda folder: run_shop(small_shop / "siyu.yaml", "--warehouse", folder),
    )


@pytest.fixture
def published_shop(small_shop: Path, published_warehouse: Path, tmp_path: Path) -> Path:
    """The siyu.yaml of a copy of the small shop after one run, to write to."""
    config = copy_shop(small_shop, tmp_path / "shop", with_warehouse=False)
    shutil.copytree(published_warehouse, config.parent / "warehouse", symlinks=True)
    return config


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo shop of some thousand customers, after one run. Only read it."""

    def build(folder: Path) -> None:
        done = siyu("demo", "--customers", str(CUSTOMERS), "--out", folder)
        assert done.returncode == 0, done.stderr
        run_shop(folder / "siyu.yaml")

    return built_once(tmp_path_factory, "truth", build)


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
