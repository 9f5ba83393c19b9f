"""The folder that holds all state of a shop: its paths, and the lock on it.

One process at a time may write to a warehouse. The lock is the operating system's, so a
killed process never leaves it behind.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from threading import get_ident

from filelock import FileLock, Timeout

from pipeline.errors import SiyuError

# Direct identifiers, beside the published marts; only exports read them.
IDENTIFIERS = "identifiers.parquet"

# The warehouses that this process has locked, with the thread that holds each.
_HELD: dict[Path, int] = {}


@dataclass(frozen=True)
class Warehouse:
    """Paths below a configuration's ``warehouse:`` folder."""

    root: Path

    @property
    def landing(self) -> Path:
        """Accepted rows: ``landing/<entity>/<load_id>.parquet``."""
        return self.root / "landing"

    @property
    def quarantine(self) -> Path:
        """Rejected rows with their reasons, in one file for each load that has any."""
        return self.root / "quarantine"

    @property
    def build_database(self) -> Path:
        """The private database that dbt builds in."""
        return self.root / "build.duckdb"

    @property
    def database(self) -> Path:
        """The published database that BI tools open."""
        return self.root / "siyu.duckdb"

    @property
    def marts(self) -> Path:
        """The published marts as Parquet files."""
        return self.root / "marts"

    @property
    def published(self) -> Path:
        """The published versions, each in its own folder."""
        return self.root / "published"

    @property
    def history(self) -> Path:
        """Marts rebuilt for past days: ``history/<as-of date>/``, as ``published``."""
        return self.root / "history"

    @property
    def exports(self) -> Path:
        """Files for other systems and for people."""
        return self.root / "exports"

    @property
    def deliveries(self) -> Path:
        """What each destination has received, and deliveries in progress."""
        return self.root / "deliveries"

    @property
    def report(self) -> Path:
        """The daily report, `index.html`, and the data-quality pages beside it."""
        return self.root / "report"

    @property
    def load_log(self) -> Path:
        """The SQLite database of loads and runs."""
        return self.root / "ledger.sqlite"

    @property
    def dbt_target(self) -> Path:
        """Compiled models, manifest and logs of dbt for this warehouse."""
        return self.root / "dbt"

    @property
    def unfinished_erasures(self) -> Path:
        """A file for each customer who is being forgotten, removed at the end."""
        return self.root / "forgetting"

    @property
    def scratch(self) -> Path:
        """Unfinished files. Emptied at the start of each run."""
        return self.root / "tmp"

    def prepare(self) -> None:
        """Make the folders, private where they hold personal data.

        Raises ``SiyuError`` if the warehouse cannot be written to.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            for folder in (
                self.landing,
                self.quarantine,
                self.scratch,
                self.dbt_target,
            ):
                folder.mkdir(mode=0o700, exist_ok=True)
            for folder in (self.published, self.exports, self.report):
                folder.mkdir(exist_ok=True)
            probe = self.scratch / f"probe-{os.getpid()}"
            probe.write_bytes(b"siyu")
            probe.unlink()
        except OSError as error:
            raise SiyuError(
                f"the warehouse {self.root} cannot be written to: {error.strerror}. "
                "Check its permissions and free space, or name another with "
                "--warehouse."
            ) from None

    def sweep(self) -> None:
        """Remove the unfinished files of an interrupted run."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(mode=0o700, exist_ok=True)

    @contextmanager
    def lock(self, purpose: str) -> Iterator[None]:
        """Lock the warehouse for writing; ``purpose`` tells others what for.

        The lock is reentrant, for a run that is part of a larger operation. Raises
        ``SiyuError`` naming the holder if another process has it.
        """
        if _HELD.get(self.root) == get_ident():
            yield
            return
        self.prepare()
        holder_file = self.root / ".lock.json"
        lock = FileLock(self.root / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise SiyuError(
                f"the warehouse {self.root} is in use{_holder(holder_file)}. "
                "Only one run can write to it; wait for that run to end, or stop it."
            ) from None
        try:
            holder = {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "since": datetime.now(timezone.utc).isoformat(timespec="seconds"),
                "purpose": purpose,
            }
            holder_file.write_text(json.dumps(holder), encoding="utf-8")
            _HELD[self.root] = get_ident()
            yield
        finally:
            _HELD.pop(self.root, None)
            holder_file.unlink(missing_ok=True)
            lock.release()


def _holder(file: Path) -> str:
    try:
        holder = json.loads(file.read_text(encoding="utf-8"))
        return (
            f" by `{holder['purpose']}` (process {holder['pid']} on {holder['host']}, "
            f"since {holder['since']})"
        )
    except (OSError, ValueError, KeyError):
        return " by another process"
