"""What the published marts were made from, so that unchanged inputs need no new run.

Marts are a function of the as-of date, the configuration, the landed rows, what was
delivered on earlier days, and the code. All of these have names or contents that can be
hashed without reading a single row.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from importlib.metadata import version

from pipeline.activation.ledger import deliveries_before
from pipeline.ingest.files import find_files
from pipeline.ingest.landing import active_loads, latest_as_of
from pipeline.ingest.load import mapping_hash
from pipeline.ledger import Ledger
from pipeline.privacy.tombstones import Tombstones
from pipeline.project import code_hash
from pipeline.publish.note import read_note
from pipeline.rules.files import effective_rules
from pipeline.settings import Settings
from pipeline.warehouse import Warehouse

# Settings that say where and when, not what.
_NO_INPUTS = {"warehouse", "rules", "memory_limit", "schedule"}
_ENGINES = ("dbt-core", "dbt-duckdb", "duckdb", "great-expectations")


def inputs_hash(settings: Settings, ledger: Ledger, as_of: date) -> str:
    """Return a hash of all that marts, checks, exports and report depend on."""
    names, warehouse = ledger.names(), Warehouse(settings.warehouse)
    content = {
        "as_of": as_of,
        "settings": settings.model_dump(exclude=_NO_INPUTS),
        "rules": {
            name: hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in effective_rules(settings).items()
        },
        "loads": sorted(
            (load.load_id, *sorted(names[load.source, load.content_hash]))
            for load in active_loads(settings, ledger)
        ),
        "delivered": deliveries_before(warehouse, as_of),
        "forgotten": Tombstones(warehouse).digest(),
        "code": code_hash(),
        "engines": {name: version(name) for name in _ENGINES},
    }
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def is_up_to_date(settings: Settings, as_of: date | None) -> bool:
    """Whether a run for ``as_of`` (None: the latest day) would change nothing.

    True only after a daily run that came to its end, with no raw file added or changed
    since, under the same configuration, rules and code.
    """
    warehouse = Warehouse(settings.warehouse)
    note = read_note(warehouse)
    if note is None or not warehouse.ledger.exists() or not warehouse.database.exists():
        return False
    ledger = Ledger(warehouse.ledger)
    inputs = note.get("inputs")
    if inputs is None or inputs != ledger.last_inputs() or unseen_files(settings):
        return False
    day = as_of or latest_as_of(settings, ledger)
    mappings = {s.name: mapping_hash(settings, s) for s in settings.sources}
    return (
        day is not None
        and all(
            load.mapping_hash == mappings[load.source]
            for load in active_loads(settings, ledger)
        )
        and inputs == inputs_hash(settings, ledger, day)
    )


def unseen_files(settings: Settings) -> list[str]:
    """The raw files, with size and time of change, of which nothing has been loaded."""
    warehouse = Warehouse(settings.warehouse)
    ledger = Ledger(warehouse.ledger) if warehouse.ledger.exists() else None
    loads = ledger.loads() if ledger else []
    loaded = {(load.source, load.content_hash) for load in loads}
    unseen = []
    for source in settings.sources:
        for file in find_files(settings, source):
            state = file.path.stat()
            size, modified = state.st_size, state.st_mtime_ns
            known = ledger.known_hash(file.path, size, modified) if ledger else None
            if (source.name, known) not in loaded:
                unseen.append(f"{file.path} {size} {modified}")
    return sorted(unseen)
