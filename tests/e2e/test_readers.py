"""A hundred readers of the published marts while three new versions are published.

Cost: 2 whole runs of a small shop, a minute on two idle cores.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from siyu_command import TIMEOUT, clean_environment, run_python
from watched_run import WatchedRun

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
READERS = 100


@contextmanager
def crowd(warehouse: Path, signs: Path) -> Iterator[dict[str, Any]]:
    """Readers for as long as the block lasts; then what they saw is in the result."""
    signs.mkdir()
    command = [sys.executable, HERE / "reader_crowd.py", warehouse, signs, str(READERS)]
    readers = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
        start_new_session=True,
    )
    seen: dict[str, Any] = {}
    try:
        deadline = time.monotonic() + 300
        while len(list(signs.iterdir())) < READERS and time.monotonic() < deadline:
            assert readers.poll() is None, readers.communicate()
            time.sleep(0.1)
        yield seen
        (signs / "stop").touch()
        output, errors = readers.communicate(timeout=TIMEOUT)
        assert readers.returncode == 0, errors
        seen.update(json.loads(output))
    finally:
        if readers.poll() is None:
            readers.send_signal(signal.SIGTERM)
            readers.wait()


def change_the_build(warehouse: Path, rest: int) -> None:
    """Take some rows out of what is built, so that the next version has others."""
    with duckdb.connect(str(warehouse / "build.duckdb")) as connection:
        # marts.fct_interactions is a view of the first.
        for table in (
            "intermediate.int_interactions",
            "marts.fct_orders",
            "marts.rfm_scores",
        ):
            connection.execute(
                f"delete from {table} where hash(customer_id) % 7 = {rest}"
            )


def test_readers_see_whole_versions_while_three_are_published(
    published_shop: Path, tmp_path: Path
) -> None:
    warehouse = published_shop.parent / "warehouse"
    for file in (published_shop.parent / "data" / "app").glob("*"):
        # One event more: a file that is new, and other rows in the marts.
        lines = file.read_text("utf-8").splitlines(keepends=True)
        more = lines[0].replace('"event_id":"', '"event_id":"more-')
        file.write_text("".join([*lines, more]), "utf-8")
    run = WatchedRun(published_shop, warehouse)
    assert run.wait_for("Check marts"), run.text
    run.pause()  # until all readers have come
    with crowd(warehouse, tmp_path / "signs") as seen:
        run.resume()
        assert run.finish() == 0, run.text
        for rest in (0, 1):
            time.sleep(2)
            change_the_build(warehouse, rest)
            assert (
                run_python(HERE / "killed_call.py", published_shop, "publish", "never")
                == 0
            )
        time.sleep(3)
    assert seen["problems"] == []
    assert len(seen["versions"]) == 4, seen
    assert seen["least"] > 0
    assert seen["readings"] > 3 * READERS
