"""Folders that all workers of a test session share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def built_once(
    factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]
) -> Path:
    """Return the folder of this name, which the first worker that asks has built."""
    base = factory.getbasetemp()
    # Each worker has a folder of its own in that of the session.
    session = base.parent if base.name.startswith("popen-") else base
    folder = session / "shared" / name
    folder.parent.mkdir(exist_ok=True)
    done = folder.with_suffix(".done")
    with FileLock(folder.with_suffix(".lock")):
        if not done.exists():
            build(folder)
            done.touch()
    return folder
