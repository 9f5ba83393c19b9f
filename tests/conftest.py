"""Fixtures for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from support.shops import Shop

# Examples write files and start DuckDB; the machine that runs them may be busy.
settings.register_profile(
    "siyu", deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
settings.load_profile("siyu")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """An empty shop; add sources and files."""
    return Shop(tmp_path)
