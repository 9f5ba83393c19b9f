"""Loading one file: stage it, then split the stage into landing and quarantine.

Files are written aside and renamed into place; the row in the load log comes last. A
load without such a row does not count, and the next run removes its files.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipeline.config.contract import ENTITIES, Entity
from pipeline.config.settings import ReaderOptions, Settings, Source
from pipeline.errors import SiyuError
from pipeline.ingest.late_arriving import without_forgotten
from pipeline.ingest.mapping import bind_mapping, source_mapping, stage_sql
from pipeline.ingest.progress import watch
from pipeline.ingest.readers import (
    DamagedTextError,
    Relation,
    damaged_message,
    first_line,
    is_damage,
    open_relation,
)
from pipeline.ingest.records import DAMAGED_STREAM, assert_whole
from pipeline.ingest.source_files import RawFile, assert_unchanged
from pipeline.storage.atomic_files import replace_file
from pipeline.storage.load_log import Load
from pipeline.storage.quoting import quote_name, quote_text, read_parquet
from pipeline.storage.tombstones import Tombstones, has_tombstones, redact_mentions
from pipeline.storage.warehouse import Warehouse

OnProgress = Callable[[float], None]
_MEMORY_LIMIT = "1GB"


@dataclass(frozen=True)
class Task:
    """A file to load for a source, under its mapping in the settings."""

    source: Source
    file: RawFile
    content_hash: str
    mapping_hash: str
    bytes: int

    @property
    def load_id(self) -> str:
        """The name of this load, the same on every machine."""
        key = f"{self.source.name}\n{self.content_hash}\n{self.mapping_hash}"
        return hashlib.sha256(key.encode()).hexdigest()[:16]


class RefusedError(SiyuError):
    """A file that is refused as a whole."""


class DiskFullError(SiyuError):
    """No space is left: the file is not at fault, and the run must end."""


@contextmanager
def ingest_connection(
    warehouse: Warehouse, at_once: int = 1
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection with little memory that spills to the warehouse.

    ``at_once`` is how many threads will each run their own statements. They count
    among DuckDB's threads, of which there is one for each core.
    """
    with duckdb.connect() as connection:
        threads = f"greatest(1, current_setting('threads') - {at_once - 1})"
        connection.execute(f"set threads = {threads}")
        # Each file is read once, so that a cache could only hold stale content.
        connection.execute("set enable_external_file_cache = false")
        connection.execute(f"set memory_limit = '{_MEMORY_LIMIT}'")
        spill = quote_text(str(warehouse.scratch / "spill"))
        connection.execute(f"set temp_directory = {spill}")
        Tombstones(warehouse).attach(connection)
        yield connection


def ingest_cursor(
    connection: duckdb.DuckDBPyConnection,
) -> duckdb.DuckDBPyConnection:
    """One of several cursors that load files in parallel and share memory."""
    cursor = connection.cursor()
    cursor.execute("set TimeZone = 'UTC'")
    # DuckDB's progress bar would mix with ours; query_progress() works without it.
    cursor.execute("set enable_progress_bar_print = false")
    return cursor


def load_file(
    connection: duckdb.DuckDBPyConnection,
    warehouse: Warehouse,
    settings: Settings,
    task: Task,
    on_progress: OnProgress = lambda _: None,
) -> Load:
    """Load one file and return the result, which is not in the load log yet.

    Raises ``RefusedError`` with the reason if the whole file must be refused.
    """
    started = time.monotonic()
    before = task.file.path.stat()
    try:
        # A folder for each file, since DuckDB may cache what it read under a name.
        with TemporaryDirectory(dir=warehouse.scratch) as scratch:
            stage = Path(scratch) / "stage.parquet"
            _assert_whole(task.file)
            relation = _write_stage(connection, settings, task, stage, on_progress)
            assert_unchanged(task.file, before)
            counts = _count(connection, stage, relation)
            _assert_good_enough(connection, settings, task, stage, relation, counts)
            if has_tombstones(connection):
                stage, relation = without_forgotten(
                    connection, warehouse, task.source, stage, relation
                )
                counts = _recount(connection, stage, relation, sum(counts.values()))
            days = _split(
                connection, warehouse, settings, task, stage, relation, counts
            )
    except (RefusedError, DiskFullError):
        raise
    except SiyuError as error:
        problems = str(error).replace("\n", "\n  ")
        raise RefusedError(
            f"source '{task.source.name}': {task.file.name}: {problems}"
        ) from None
    return Load(
        load_id=task.load_id,
        source=task.source.name,
        entity=task.source.entity,
        content_hash=task.content_hash,
        mapping_hash=task.mapping_hash,
        bytes=task.bytes,
        rows_read=sum(counts.values()),
        rows_accepted=counts["accepted"],
        rows_quarantined=counts["rejected"],
        rows_filtered=counts["filtered"],
        seconds=round(time.monotonic() - started, 3),
        days=days,
    )


def _assert_whole(file: RawFile) -> None:
    try:
        assert_whole(file.path, file.compression)
    except DAMAGED_STREAM as error:
        raise SiyuError(damaged_message(error)) from None


def open_file(
    connection: duckdb.DuckDBPyConnection,
    file: RawFile,
    options: ReaderOptions,
    scratch: Path,
) -> Relation:
    """Open a file for reading; if its text is damaged, with the careful reader."""
    try:
        return open_relation(connection, file, options, scratch)
    except DamagedTextError:
        return open_relation(connection, file, options, scratch, careful=True)


def _write_stage(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    task: Task,
    stage: Path,
    on_progress: OnProgress,
) -> Relation:
    """Write the stage of a file as Parquet and return the relation it came from."""
    mapping = source_mapping(settings, task.source)

    def write(relation: Relation) -> Relation:
        bound = bind_mapping(mapping, relation)
        query = stage_sql(bound, relation, task.file.name)
        _copy(connection, query, stage, on_progress)
        return relation

    options, scratch = task.source.options, stage.parent
    try:
        return write(open_file(connection, task.file, options, scratch))
    except duckdb.Error as error:
        if "No space left" in str(error):
            raise DiskFullError(
                f"the disk is full: {first_line(error)}. Make space and run again"
            ) from None
        if not is_damage(error):
            raise SiyuError(f"cannot be read: {first_line(error)}") from None
    return write(open_relation(connection, task.file, options, scratch, careful=True))


def _copy(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    target: Path,
    on_progress: OnProgress = lambda _: None,
) -> None:
    statement = (
        f"copy ({query}) to {quote_text(str(target))} "
        "(format parquet, compression zstd, row_group_size 122880)"
    )
    with watch(connection, on_progress):
        connection.execute(statement)


def _count(
    connection: duckdb.DuckDBPyConnection, stage: Path, relation: Relation
) -> dict[str, int]:
    counts = {"accepted": 0, "rejected": 0, "filtered": 0}
    counts |= dict(
        connection.execute(
            f"select _state, count(*) from {read_parquet(stage)} group by _state"
        ).fetchall()
    )
    if relation.broken_rows:
        row = connection.execute(
            f"select count(*) from {read_parquet(relation.broken_rows)}"
        ).fetchone()
        counts["rejected"] += row[0] if row else 0
    return counts


def _recount(
    connection: duckdb.DuckDBPyConnection, stage: Path, relation: Relation, read: int
) -> dict[str, int]:
    """The counts of rows kept; all other rows read count as filtered."""
    counts = _count(connection, stage, relation)
    return counts | {"filtered": read - counts["accepted"] - counts["rejected"]}


def _assert_good_enough(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    task: Task,
    stage: Path,
    relation: Relation,
    counts: dict[str, int],
) -> None:
    """Refuse a file with too many bad rows, showing the first of them."""
    read, bad = sum(counts.values()), counts["rejected"]
    allowed = settings.source_bad_share(task.source)
    if not bad or bad <= allowed * read:
        return
    query = f"select * from ({_rejected(stage, relation)}) order by row limit 3"
    examples = [
        f"row {row}: {reasons}"
        for row, reasons, _ in connection.execute(query).fetchall()
    ]
    raise SiyuError(
        f"{bad:,} of {read:,} rows are bad ({bad / read:.1%}), more than the "
        f"{allowed:.0%} allowed (max_bad_share); the file was not loaded. "
        "The first:\n" + "\n".join(examples)
    )


def _split(
    connection: duckdb.DuckDBPyConnection,
    warehouse: Warehouse,
    settings: Settings,
    task: Task,
    stage: Path,
    relation: Relation,
    counts: dict[str, int],
) -> dict[date, int]:
    """Write landing and quarantine; return the accepted rows by business date."""
    entity = ENTITIES[task.source.entity]
    name = f"{task.load_id}.parquet"
    if counts["rejected"]:
        finished = warehouse.scratch / f"rejected-{name}"
        labels = {
            "source": task.source.name,
            "entity": entity.name,
            "file": task.file.name,
            "load_id": task.load_id,
        }
        constants = ", ".join(f"{quote_text(v)} as {k}" for k, v in labels.items())
        query = (
            f"select {constants}, row, reasons, raw from ({_rejected(stage, relation)})"
        )
        _copy(connection, query, finished)
        replace_file(finished, warehouse.quarantine / entity.name / name)
    if not counts["accepted"]:
        return {}
    finished = warehouse.scratch / f"accepted-{name}"
    query = landing_sql(entity, stage, task.load_id)
    if has_tombstones(connection):
        query = redact_mentions(entity, query)
    _copy(connection, query, finished)
    days = business_days(connection, entity, finished, settings.shop.timezone)
    replace_file(finished, warehouse.landing / entity.name / name)
    return days


def _rejected(stage: Path, relation: Relation) -> str:
    query = (
        "select _row as row, _reasons as reasons, _raw as raw "
        f"from {read_parquet(stage)} where _state = 'rejected'"
    )
    if relation.broken_rows:
        broken = read_parquet(relation.broken_rows)
        query += f" union all select _row, reason, raw from {broken}"
    return query


def landing_sql(entity: Entity, stage: Path, load_id: str) -> str:
    """Return the query for an entity's landing rows, given the stage of a file.

    The k-th row of the same content without a key gets the id
    ``<hash of the content>-<k>``, so that files are merged by a plain union of ids.
    """
    columns = [quote_name(n) for n in entity.names if n != entity.row_id]
    if entity.has_attributes:
        columns.append("attributes")
    listed = ", ".join(columns)
    lineage = f"{quote_text(load_id)} as _load_id, _row"
    accepted = f"select * from {read_parquet(stage)} where _state = 'accepted'"
    if entity.row_id is None:
        return f"select {listed}, {lineage} from ({accepted})"
    key = _key(entity)
    # Each text with its length, so that different contents differ when joined.
    content = ", ".join(
        f"coalesce(length({text}) || ':' || {text}, '')"
        for text in (f"{quote_name(name)}::varchar" for name in entity.content)
    )
    return f"""
with accepted as (
    select
        *,
        {key} as _key,
        case when {key} is null then md5(concat({content})) end as _content
    from ({accepted})
),
repeated as (
    select _content from accepted where _key is null
    group by _content having count(*) > 1
),
numbered as (
    select _row, row_number() over (partition by _content order by _row) as _k
    from accepted semi join repeated using (_content)
    where _key is null
)
select
    {listed},
    coalesce(_key, _content || '-' || coalesce(_k, 1)) as {entity.row_id},
    {lineage}
from accepted left join numbered using (_row)"""


def _key(entity: Entity) -> str:
    if entity.name == "order_lines":
        return "order_id || '/' || line_no"
    return f"{entity.row_id}"


def business_days(
    connection: duckdb.DuckDBPyConnection, entity: Entity, landed: Path, timezone: str
) -> dict[date, int]:
    """The number of rows of a landing file for each business date."""
    if entity.fact_time is None:
        return {}
    local = (
        f"timezone({quote_text(timezone)}, timezone('UTC', {entity.fact_time}))::date"
    )
    rows = connection.execute(
        f"select {local} as day, count(*) from {read_parquet(landed)} "
        f"where {entity.fact_time} is not null group by day order by day"
    ).fetchall()
    return dict(rows)
