"""The progress of a running DuckDB statement."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb

_EVERY_SECONDS = 0.2


@contextmanager
def watch(
    connection: duckdb.DuckDBPyConnection, on_progress: Callable[[float], None]
) -> Iterator[None]:
    """Call ``on_progress`` with the share done (0 to 1) while a statement runs."""
    done = threading.Event()

    def poll() -> None:
        while not done.wait(_EVERY_SECONDS):
            percent = connection.query_progress()
            if percent >= 0:
                on_progress(percent / 100)

    watcher = threading.Thread(target=poll, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
