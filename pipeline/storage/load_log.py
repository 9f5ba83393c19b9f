"""The load log: which file was loaded under which mapping, with what result, and runs.

It is SQLite, so that a load is recorded completely or not at all, and `siyu status` can
read while a run writes. A landing file without a row here does not count.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.config.settings import Settings

_SCHEMA = """
create table if not exists loads (
    load_id text primary key,
    source text not null,
    entity text not null,
    content_hash text not null,
    mapping_hash text not null,
    bytes integer not null,
    rows_read integer not null,
    rows_accepted integer not null,
    rows_quarantined integer not null,
    rows_filtered integer not null,
    loaded_at text not null,
    seconds real not null,
    check (rows_read = rows_accepted + rows_quarantined + rows_filtered)
);
create index if not exists loads_by_content on loads (source, content_hash);
create table if not exists load_days (
    load_id text not null references loads on delete cascade,
    day text not null,
    rows integer not null,
    primary key (load_id, day)
) without rowid;
create table if not exists file_names (
    source text not null,
    content_hash text not null,
    name text not null,
    primary key (source, content_hash, name)
) without rowid;
create table if not exists file_hashes (
    path text primary key,
    bytes integer not null,
    modified_ns integer not null,
    content_hash text not null
) without rowid;
create table if not exists refusals (
    refused_at text not null,
    source text not null,
    name text not null,
    reason text not null
);
create table if not exists forgotten (
    kind text not null,
    hash text primary key,
    forgotten_at text not null,
    is_applied integer not null
) without rowid;
create table if not exists runs (
    run_id text primary key,
    started_at text not null,
    finished_at text,
    status text not null,
    as_of_date text,
    new_loads integer not null default 0,
    message text,
    inputs text
);
"""


def utc_now() -> datetime:
    """The current time, for the log alone: no mart depends on it."""
    return datetime.now(timezone.utc).replace(microsecond=0, tzinfo=None)


@dataclass(frozen=True)
class Load:
    """One file read under one mapping; ``days`` are accepted rows by business date."""

    load_id: str
    source: str
    entity: str
    content_hash: str
    mapping_hash: str
    bytes: int
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_filtered: int
    seconds: float
    loaded_at: datetime = field(default_factory=utc_now)
    days: dict[date, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One run of the pipeline as the log remembers it. Times are UTC."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    as_of_date: date | None
    new_loads: int
    message: str | None


class LoadLog:
    """Reads and writes the SQLite file. Writers hold the warehouse lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self.transaction() as connection:
            connection.executescript(_SCHEMA)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are committed together, or not at all."""
        with closing(sqlite3.connect(self.path, timeout=30)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("pragma foreign_keys = on")
            with connection:
                yield connection

    def known_hash(self, path: Path, size: int, modified_ns: int) -> str | None:
        """The content hash of a file that has not changed since it was last hashed."""
        with self.transaction() as connection:
            row = connection.execute(
                "select content_hash from file_hashes "
                "where path = ? and bytes = ? and modified_ns = ?",
                (str(path), size, modified_ns),
            ).fetchone()
        return row[0] if row else None

    def remember_hash(
        self, path: Path, size: int, modified_ns: int, content_hash: str
    ) -> None:
        """Keep a file's content hash, so that an unchanged file is not read again."""
        with self.transaction() as connection:
            connection.execute(
                "insert or replace into file_hashes values (?, ?, ?, ?)",
                (str(path), size, modified_ns, content_hash),
            )

    def add_name(self, source: str, content_hash: str, name: str) -> None:
        """Record that this content was seen under this name."""
        with self.transaction() as connection:
            connection.execute(
                "insert or ignore into file_names values (?, ?, ?)",
                (source, content_hash, name),
            )

    def add_load(self, load: Load, name: str) -> None:
        """Record a load, replacing an earlier one of the same content."""
        with self.transaction() as connection:
            connection.execute(
                "delete from loads where source = ? and content_hash = ?",
                (load.source, load.content_hash),
            )
            connection.execute(
                "insert into loads values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    load.load_id,
                    load.source,
                    load.entity,
                    load.content_hash,
                    load.mapping_hash,
                    load.bytes,
                    load.rows_read,
                    load.rows_accepted,
                    load.rows_quarantined,
                    load.rows_filtered,
                    load.loaded_at.isoformat(),
                    load.seconds,
                ),
            )
            connection.executemany(
                "insert into load_days values (?, ?, ?)",
                [(load.load_id, d.isoformat(), n) for d, n in load.days.items()],
            )
            connection.execute(
                "insert or ignore into file_names values (?, ?, ?)",
                (load.source, load.content_hash, name),
            )

    def recount(
        self, load_id: str, accepted: int, quarantined: int, days: dict[date, int]
    ) -> None:
        """Record what is left of a load; the other rows read count as filtered.

        Called before the files are replaced, and with totals, so that it can be
        repeated after an interruption.
        """
        with self.transaction() as connection:
            connection.execute(
                "update loads set rows_accepted = ?, rows_quarantined = ?, "
                "rows_filtered = rows_read - ? - ? where load_id = ?",
                (accepted, quarantined, accepted, quarantined, load_id),
            )
            connection.execute("delete from load_days where load_id = ?", (load_id,))
            connection.executemany(
                "insert into load_days values (?, ?, ?)",
                [(load_id, day.isoformat(), rows) for day, rows in days.items()],
            )

    def add_refusal(self, source: str, name: str, reason: str) -> None:
        """Record that a whole file was refused."""
        with self.transaction() as connection:
            connection.execute(
                "insert into refusals values (?, ?, ?, ?)",
                (utc_now().isoformat(), source, name, reason),
            )

    def loads(self, sources: Iterable[str] | None = None) -> list[Load]:
        """All loads (of these sources), oldest first, with their days."""
        with self.transaction() as connection:
            rows = connection.execute(
                "select * from loads order by loaded_at, load_id"
            ).fetchall()
            days: dict[str, dict[date, int]] = {}
            for row in connection.execute("select * from load_days order by day"):
                day = date.fromisoformat(row["day"])
                days.setdefault(row["load_id"], {})[day] = row["rows"]
        wanted = None if sources is None else set(sources)
        return [
            Load(
                **{**dict(row), "loaded_at": datetime.fromisoformat(row["loaded_at"])},
                days=days.get(row["load_id"], {}),
            )
            for row in rows
            if wanted is None or row["source"] in wanted
        ]

    def names(self) -> dict[tuple[str, str], list[str]]:
        """The names under which each (source, content hash) was seen."""
        names: dict[tuple[str, str], list[str]] = {}
        with self.transaction() as connection:
            for source, content_hash, name in connection.execute(
                "select source, content_hash, name from file_names"
            ):
                names.setdefault((source, content_hash), []).append(name)
        return names

    def first_day(self) -> date | None:
        """The earliest business date of any landed row."""
        with self.transaction() as connection:
            row = connection.execute("select min(day) from load_days").fetchone()
        return _day(row[0])

    def latest_day(self, sources: Iterable[str], until: date) -> date | None:
        """The latest business date, up to ``until``, of any row of these sources."""
        wanted = list(sources)
        marks = ", ".join("?" * len(wanted))
        with self.transaction() as connection:
            row = connection.execute(
                f"select max(day) from load_days join loads using (load_id) "
                f"where source in ({marks}) and day <= ?",
                (*wanted, until.isoformat()),
            ).fetchone()
        return date.fromisoformat(row[0]) if row[0] else None

    def start_run(self, run_id: str) -> bool:
        """Record that a run began; unfinished earlier ones were interrupted.

        Returns whether the run is new: Dagster may open a run again to read its result.
        """
        with self.transaction() as connection:
            connection.execute(
                "update runs set status = 'interrupted' where status = 'running'"
            )
            inserted = connection.execute(
                "insert into runs (run_id, started_at, status) "
                "values (?, ?, 'running') on conflict do nothing",
                (run_id, utc_now().isoformat()),
            )
            return inserted.rowcount == 1

    def update_run(
        self,
        run_id: str,
        *,
        as_of_date: date | None = None,
        new_loads: int | None = None,
    ) -> None:
        """Record the as-of date or the number of new loads of a run."""
        with self.transaction() as connection:
            connection.execute(
                "update runs set as_of_date = coalesce(?, as_of_date), "
                "new_loads = coalesce(?, new_loads) where run_id = ?",
                (as_of_date and as_of_date.isoformat(), new_loads, run_id),
            )

    def record_inputs(self, run_id: str, inputs: str) -> None:
        """Record the inputs of a daily run once all its outputs are complete."""
        with self.transaction() as connection:
            connection.execute(
                "update runs set inputs = ? where run_id = ?", (inputs, run_id)
            )

    def last_inputs(self) -> str | None:
        """The inputs of the last completed daily run."""
        with self.transaction() as connection:
            row = connection.execute(
                "select inputs from runs where inputs is not null "
                "order by started_at desc, rowid desc limit 1"
            ).fetchone()
        return row[0] if row else None

    def finish_run(self, run_id: str, status: str, message: str | None = None) -> None:
        """Record how a run ended: ``succeeded`` or ``failed``."""
        with self.transaction() as connection:
            connection.execute(
                "update runs set status = ?, message = ?, finished_at = ? "
                "where run_id = ?",
                (status, message, utc_now().isoformat(), run_id),
            )

    def runs(self, limit: int = 10) -> list[Run]:
        """The last runs, newest first."""
        with self.transaction() as connection:
            rows = connection.execute(
                "select * from runs order by started_at desc, rowid desc limit ?",
                (limit,),
            ).fetchall()
        return [
            Run(
                run_id=row["run_id"],
                started_at=datetime.fromisoformat(row["started_at"]),
                finished_at=_time(row["finished_at"]),
                status=row["status"],
                as_of_date=_day(row["as_of_date"]),
                new_loads=row["new_loads"],
                message=row["message"],
            )
            for row in rows
        ]


def active_loads(settings: Settings, load_log: LoadLog) -> list[Load]:
    """The loads of the configuration's sources and entities."""
    entities = {source.name: source.entity for source in settings.sources}
    return [
        load
        for load in load_log.loads(entities)
        if load.entity == entities[load.source]
    ]


def latest_as_of(settings: Settings, load_log: LoadLog) -> date | None:
    """The latest business date among the landed facts, at most yesterday."""
    today = datetime.now(ZoneInfo(settings.shop.timezone)).date()
    names = [source.name for source in settings.sources]
    return load_log.latest_day(names, until=today - timedelta(days=1))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
