"""Loading what is new of a source, file by file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.errors import SiyuError
from pipeline.ingest.files import (
    RawFile,
    content_hash,
    find_files,
    missing_files_message,
)
from pipeline.ingest.load import (
    DiskFullError,
    Task,
    ingest_connection,
    load_file,
    mapping_hash,
)
from pipeline.ledger import Ledger, Load
from pipeline.settings import Settings, Source
from pipeline.warehouse import Warehouse

OnFile = Callable[[str, float], None]


@dataclass
class Ingested:
    """What came of a source: its new loads, how many files were known, and problems."""

    source: str
    loads: list[Load] = field(default_factory=list)
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)


def ingest_source(
    settings: Settings,
    warehouse: Warehouse,
    ledger: Ledger,
    source: Source,
    on_file: OnFile = lambda _name, _share: None,
) -> Ingested:
    """Load the source's new files; files with known content are skipped.

    A file that is refused does not keep the others from being loaded: its problem is in
    the result. Raises ``SiyuError`` if the source has no file and never had one.
    """
    result = Ingested(source.name)
    files = find_files(settings, source)
    known = {load.content_hash: load for load in ledger.loads([source.name])}
    if not files and not known:
        raise SiyuError(missing_files_message(settings, source))
    with ingest_connection(warehouse) as connection:
        for file in files:
            on_file(file.name, 0.0)
            try:
                task = _task(settings, ledger, source, file)
                before = known.get(task.content_hash)
                if before and _is_same(before, task):
                    ledger.add_name(source.name, task.content_hash, file.name)
                    result.unchanged += 1
                    continue
                load = load_file(
                    connection,
                    warehouse,
                    settings,
                    task,
                    lambda share, name=file.name: on_file(name, share),  # type: ignore[misc]
                )
            except DiskFullError:
                raise
            except SiyuError as error:
                ledger.add_refusal(source.name, file.name, str(error))
                result.problems.append(str(error))
                continue
            ledger.add_load(load, file.name)
            known[load.content_hash] = load
            result.loads.append(load)
    return result


def _is_same(load: Load, task: Task) -> bool:
    return load.mapping_hash == task.mapping_hash and load.entity == task.source.entity


def _task(settings: Settings, ledger: Ledger, source: Source, file: RawFile) -> Task:
    digest, size = content_hash(file, ledger)
    return Task(source, file, digest, mapping_hash(settings, source), size)
