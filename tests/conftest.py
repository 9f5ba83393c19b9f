"""Fixtures for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from support.shops import Shop

# Examples write files and start DuckDB; the machine that runs them may be busy.
settings.register_profile(
    "test", deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
# What `make test-all` chooses. A test that gives a number of examples says it by
# `support.draws.examples`, so that this makes it more.
settings.register_profile("long", settings.get_profile("test"), max_examples=400)
settings.load_profile("test")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """An empty shop; add sources and files."""
    return Shop(tmp_path)
