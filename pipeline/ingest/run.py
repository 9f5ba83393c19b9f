"""Loading the new files of a source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from queue import Queue

import duckdb

from pipeline.config.settings import Settings, Source
from pipeline.errors import SiyuError
from pipeline.ingest.load import (
    DiskFullError,
    Task,
    ingest_connection,
    ingest_cursor,
    load_file,
)
from pipeline.ingest.mapping import mapping_hash
from pipeline.ingest.source_files import (
    RawFile,
    content_hash,
    find_files,
    missing_files_message,
)
from pipeline.storage.load_log import Load, LoadLog
from pipeline.storage.warehouse import Warehouse

OnFile = Callable[[str, float], None]
_AT_ONCE = 2


@dataclass
class Ingested:
    """The result for a source: new loads, how many files were known, and problems."""

    source: str
    loads: list[Load] = field(default_factory=list)
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)


def ingest_source(
    settings: Settings,
    warehouse: Warehouse,
    load_log: LoadLog,
    source: Source,
    on_file: OnFile = lambda _name, _share: None,
) -> Ingested:
    """Load the source's new files, two at a time, and skip those of known content.

    ``on_file`` gets the name of a file in progress and the share of the bytes of all
    new files that is done. A refused file does not stop the others from being loaded;
    the result has its problem. Raises ``SiyuError`` if the source has no file and never
    had one.
    """
    result = Ingested(source.name)
    files = find_files(settings, source)
    known = {load.content_hash: load for load in load_log.loads([source.name])}
    if not files and not known:
        raise SiyuError(missing_files_message(settings, source))
    new, repeats = _new_tasks(settings, load_log, source, files, known, result)
    share = _share_done(new, on_file)
    with ingest_connection(
        warehouse, files_in_work([task.bytes for task in new])
    ) as connection:

        def load(cursor: duckdb.DuckDBPyConnection, task: Task) -> Load | SiyuError:
            try:
                return load_file(
                    cursor, warehouse, settings, task, partial(share, task)
                )
            except DiskFullError:
                raise
            except SiyuError as error:
                return error

        for task, outcome in _side_by_side(connection, load, new):
            if isinstance(outcome, SiyuError):
                _refuse(load_log, source, task.file.name, str(outcome), result)
                for name in repeats[task.content_hash]:
                    why = f"has the same content as {task.file.name}, which was refused"
                    problem = f"source '{source.name}': {name}: {why}"
                    _refuse(load_log, source, name, problem, result)
                continue
            load_log.add_load(outcome, task.file.name)
            result.loads.append(outcome)
            for name in repeats[task.content_hash]:
                load_log.add_name(source.name, task.content_hash, name)
                result.unchanged += 1
    return result


def _new_tasks(
    settings: Settings,
    load_log: LoadLog,
    source: Source,
    files: Sequence[RawFile],
    known: Mapping[str, Load],
    result: Ingested,
) -> tuple[list[Task], dict[str, list[str]]]:
    """The files to load, and the further names of contents that repeat among them."""
    new: dict[str, Task] = {}
    repeats: dict[str, list[str]] = {}
    for file in files:
        try:
            task = _task(settings, load_log, source, file)
        except SiyuError as error:
            _refuse(load_log, source, file.name, str(error), result)
            continue
        before = known.get(task.content_hash)
        if before and _is_same(before, task):
            load_log.add_name(source.name, task.content_hash, file.name)
            result.unchanged += 1
        elif task.content_hash in new:
            repeats[task.content_hash].append(file.name)
        else:
            new[task.content_hash], repeats[task.content_hash] = task, []
    return list(new.values()), repeats


def _refuse(
    load_log: LoadLog, source: Source, name: str, problem: str, result: Ingested
) -> None:
    load_log.add_refusal(source.name, name, problem)
    result.problems.append(problem)


def _share_done(
    tasks: Sequence[Task], on_file: OnFile
) -> Callable[[Task, float], None]:
    """Turn the progress of one file into that of all files."""
    total = sum(task.bytes for task in tasks) or 1
    done: dict[str, float] = {}

    def tell(task: Task, share: float) -> None:
        done[task.content_hash] = share * task.bytes
        on_file(task.file.name, sum(list(done.values())) / total)

    return tell


def files_in_work(sizes: Sequence[int]) -> int:
    """How many files of these sizes (bytes) are loaded in parallel most of the time.

    If one file has most of the bytes, the others finish long before it.
    """
    return _AT_ONCE if sum(sizes) >= _AT_ONCE * max(sizes, default=0) else 1


def _side_by_side(
    connection: duckdb.DuckDBPyConnection,
    load: Callable[[duckdb.DuckDBPyConnection, Task], Load | SiyuError],
    tasks: Sequence[Task],
) -> Iterator[tuple[Task, Load | SiyuError]]:
    """Load files in threads, since DuckDB reads a small file with a single core.

    Outcomes come in the order of the tasks. If the caller stops early, the threads end
    too: running statements are interrupted, and waiting files are not loaded.
    """
    cursors = [ingest_cursor(connection) for _ in range(_AT_ONCE)]
    free: Queue[duckdb.DuckDBPyConnection] = Queue()
    for cursor in cursors:
        free.put(cursor)

    def work(task: Task) -> Load | SiyuError:
        cursor = free.get()
        try:
            return load(cursor, task)
        finally:
            free.put(cursor)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = [pool.submit(work, task) for task in tasks]
        try:
            for task, outcome in zip(tasks, outcomes, strict=True):
                yield task, outcome.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for cursor in cursors:
                cursor.interrupt()
            raise


def _is_same(load: Load, task: Task) -> bool:
    return load.mapping_hash == task.mapping_hash and load.entity == task.source.entity


def _task(settings: Settings, load_log: LoadLog, source: Source, file: RawFile) -> Task:
    digest, size = content_hash(file, load_log)
    return Task(source, file, digest, mapping_hash(settings, source), size)
