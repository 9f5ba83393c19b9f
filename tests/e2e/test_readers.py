"""A hundred readers of the published marts while three new versions are published.

Cost: half a minute on two idle cores, and a copy of a small shop after one run.
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
from siyu_command import TIMEOUT, clean_environment, run_python

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
        wait_for_all(signs)
        yield seen
        (signs / "stop").touch()
        output, errors = readers.communicate(timeout=TIMEOUT)
        assert readers.returncode == 0, errors
        seen.update(json.loads(output))
    finally:
        if readers.poll() is None:
            readers.send_signal(signal.SIGTERM)
            readers.wait()


def wait_for_all(signs: Path) -> None:
    """Wait until each reader has ended the reading that it is at.

    Then nobody is still at a version that the next publish removes. A reader with a
    problem stops them all.
    """
    now = time.time()
    deadline = time.monotonic() + 300
    while not (signs / "stop").exists():
        if sum(sign.stat().st_mtime > now for sign in signs.iterdir()) >= READERS:
            break
        assert time.monotonic() < deadline, "a reader has not come"
        time.sleep(0.1)


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
    signs = tmp_path / "signs"
    with crowd(warehouse, signs) as seen:
        for rest in range(3):
            change_the_build(warehouse, rest)
            assert (
                run_python(HERE / "killed_call.py", published_shop, "publish", "never")
                == 0
            )
            wait_for_all(signs)
    assert seen["problems"] == []
    assert len(seen["versions"]) == 4, seen
    assert seen["least"] > 0
    assert seen["readings"] > 3 * READERS
