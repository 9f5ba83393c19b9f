"""Writing files atomically, and for their owner alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def owner_only() -> Iterator[None]:
    """Make files created in the meantime readable by their owner alone.

    For a database, which creates its log and temporary files by itself.
    """
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def replace_file(finished: Path, target: Path) -> None:
    """Put a finished file in its place in one step, safe against a power cut."""
    with finished.open("rb") as handle:
        os.fsync(handle.fileno())
    target.parent.mkdir(parents=True, exist_ok=True)
    finished.replace(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Make all files and folders below ``folder``, and itself, durable."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as handle:
                os.fsync(handle.fileno())
        else:
            sync_folder(path)
    sync_folder(folder)
