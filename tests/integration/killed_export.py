"""Export a configuration, and be killed at a given moment of it.

    python killed_export.py siyu.yaml N

Moments are what makes the disk different: files made durable, renames, folders made
and removed, files written by DuckDB. SIGKILL comes before the N-th. With N 0 it does
not come, and the number of moments is printed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.activation import deliver, delivery_files
from pipeline.config.settings import load_settings

_left = [0]


def deadly(call: Callable[..., Any]) -> Callable[..., Any]:
    """The same call, unless it is the one to die at."""

    def counted(*args: Any, **kwargs: Any) -> Any:
        _left[0] -= 1
        if _left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **kwargs)

    return counted


def main(config: Path, moment: int) -> None:
    """Put death at the moment, and export."""
    settings = load_settings(config)
    _left[0] = moment
    for name in ("fsync", "rename", "replace", "mkdir", "unlink", "rmdir"):
        setattr(os, name, deadly(getattr(os, name)))
    shutil.rmtree = deadly(shutil.rmtree)  # type: ignore[assignment]
    delivery_files._write = deadly(delivery_files._write)
    deliver._write_record = deadly(deliver._write_record)
    deliver.export_published(settings)
    assert moment == 0, f"moment {moment} never came"
    print(-_left[0])  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
