"""One small demo shop for all tests that read its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from demo_reading import Facts, read_shop

from demo_shop import write_demo

CUSTOMERS = 2_000


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo shop."""
    out = tmp_path_factory.mktemp("demo")
    write_demo(out, customers=CUSTOMERS, seed=7)
    return out


@pytest.fixture(scope="session")
def truth(shop: Path) -> dict[str, Any]:
    """The content of its ``truth.json``."""
    content: dict[str, Any] = json.loads((shop / "truth.json").read_text("utf-8"))
    return content


@pytest.fixture(scope="session")
def facts(shop: Path) -> Facts:
    """What its files hold, each fact once."""
    return read_shop(shop)
