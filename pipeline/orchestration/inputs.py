"""What the published marts were made from, so that unchanged inputs need no new run.

Marts are a function of the as-of date, the configuration, the landed rows, the
deliveries of earlier days, and the code. All of these can be hashed by name or content,
without reading any row.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from importlib.metadata import version

from pipeline.config.project import code_hash
from pipeline.config.settings import Settings
from pipeline.ingest.mapping import mapping_hash
from pipeline.ingest.source_files import find_files
from pipeline.rules.rule_files import effective_rules
from pipeline.storage.delivery_log import deliveries_before
from pipeline.storage.load_log import LoadLog, active_loads, latest_as_of
from pipeline.storage.tombstones import Tombstones
from pipeline.storage.version_manifest import read_manifest
from pipeline.storage.warehouse import Warehouse

# Settings that say where and when things happen; they do not affect the result.
_NO_INPUTS = {"warehouse", "rules", "memory_limit", "schedule"}
_ENGINES = ("dbt-core", "dbt-duckdb", "duckdb", "great-expectations")


def inputs_hash(settings: Settings, load_log: LoadLog, as_of: date) -> str:
    """Return a hash of everything that marts, checks, exports and report depend on."""
    names, warehouse = load_log.names(), Warehouse(settings.warehouse)
    content = {
        "as_of": as_of,
        "settings": settings.model_dump(exclude=_NO_INPUTS),
        "rules": {
            name: hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in effective_rules(settings).items()
        },
        "loads": sorted(
            (load.load_id, *sorted(names[load.source, load.content_hash]))
            for load in active_loads(settings, load_log)
        ),
        "delivered": deliveries_before(warehouse, as_of),
        "forgotten": Tombstones(warehouse).digest(),
        "code": code_hash(with_outputs=True),
        "engines": {name: version(name) for name in _ENGINES},
    }
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def is_up_to_date(settings: Settings, as_of: date | None) -> bool:
    """Whether a run for ``as_of`` (None: the latest day) would change nothing.

    True only after a complete daily run under the same configuration, rules and code,
    if no raw file has been added or changed since.
    """
    warehouse = Warehouse(settings.warehouse)
    manifest = read_manifest(warehouse)
    if (
        manifest is None
        or not warehouse.load_log.exists()
        or not warehouse.database.exists()
    ):
        return False
    load_log = LoadLog(warehouse.load_log)
    inputs = manifest.get("inputs")
    if inputs is None or inputs != load_log.last_inputs() or unseen_files(settings):
        return False
    day = as_of or latest_as_of(settings, load_log)
    mappings = {s.name: mapping_hash(settings, s) for s in settings.sources}
    return (
        day is not None
        and all(
            load.mapping_hash == mappings[load.source]
            for load in active_loads(settings, load_log)
        )
        and inputs == inputs_hash(settings, load_log, day)
    )


def unseen_files(settings: Settings) -> list[str]:
    """The raw files that have not been loaded, with size and modification time."""
    warehouse = Warehouse(settings.warehouse)
    load_log = LoadLog(warehouse.load_log) if warehouse.load_log.exists() else None
    loads = load_log.loads() if load_log else []
    loaded = {(load.source, load.content_hash) for load in loads}
    unseen = []
    for source in settings.sources:
        for file in find_files(settings, source):
            state = file.path.stat()
            size, modified = state.st_size, state.st_mtime_ns
            known = load_log.known_hash(file.path, size, modified) if load_log else None
            if (source.name, known) not in loaded:
                unseen.append(f"{file.path} {size} {modified}")
    return sorted(unseen)
