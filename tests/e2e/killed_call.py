"""Do one part of a run, and be killed at a given moment of it.

    python killed_call.py siyu.yaml {ingest,publish,export,"forget CUSTOMER"} MOMENT

``publish`` takes the build as it is. MOMENT is where SIGKILL comes:
`before:rename:TEXT` and `after:rename:TEXT` at the first rename to a path that holds
TEXT, `before:load:N` and `after:load:N` at the N-th row of the ledger, `during:prune`
while old versions are removed. A moment that never comes is an error.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from ingest_only import ingest

from pipeline.activation.segment_files import export_segments
from pipeline.config.settings import load_settings
from pipeline.console import SilentConsole
from pipeline.privacy.forget import forget
from pipeline.publish.publish import publish
from pipeline.run import rebuild
from pipeline.storage.build_state import checked_build
from pipeline.storage.load_log import LoadLog, utc_now
from pipeline.storage.warehouse import Warehouse


def die() -> NoReturn:
    """End this process group as `kill -9` does."""
    os.killpg(0, signal.SIGKILL)
    raise AssertionError("still alive")


def around(
    call: Callable[..., Any], when: str, is_it: Callable[..., bool]
) -> Callable[..., Any]:
    """The same call, with death before or after the one that ``is_it`` picks."""

    def deadly(*args: Any, **kwargs: Any) -> Any:
        chosen = is_it(*args, **kwargs)
        if chosen and when == "before":
            die()
        result = call(*args, **kwargs)
        if chosen:
            die()
        return result

    return deadly


def prepare(moment: str) -> None:
    """Put death where ``moment`` says."""
    when, what, *which = moment.split(":")
    if what == "rename":

        def is_it(*paths: object) -> bool:
            return which[0] in str(paths[1])

        os.replace = around(os.replace, when, is_it)
    elif what == "load":
        left = [int(which[0])]

        def is_nth(*_: object) -> bool:
            left[0] -= 1
            return left[0] == 0

        LoadLog.add_load = around(LoadLog.add_load, when, is_nth)  # type: ignore[method-assign]
    elif what == "prune":

        def remove_one_file(folder: Path, ignore_errors: bool = False) -> None:
            if Path(folder).parent.name == "published" and Path(folder).exists():
                next(f for f in Path(folder).rglob("*") if f.is_file()).unlink()
                die()
            remove(folder, ignore_errors=ignore_errors)

        remove, shutil.rmtree = shutil.rmtree, remove_one_file  # type: ignore[assignment]
    else:
        raise AssertionError(f"no such moment: {moment}")


def main(config: Path, part: str, moment: str) -> None:
    """Prepare, and do the part. Coming back from it means that death never came."""
    if moment != "never":
        prepare(moment)
    if part == "ingest":
        ingest(config)
    elif part.startswith("forget "):
        customer_id = part.removeprefix("forget ")
        forget(load_settings(config), SilentConsole(), customer_id, rebuild)
    else:
        warehouse = Warehouse(load_settings(config).warehouse)
        with warehouse.lock(part):
            warehouse.sweep()
            if part == "publish":
                publish(warehouse, checked_build(warehouse), utc_now())
            else:
                export_segments(warehouse)
    assert moment == "never", f"{moment} never came"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
