"""Load what is new of a configuration, and nothing else: the first part of `siyu run`.

    python ingest_only.py siyu.yaml

Sources without a file are left out: their files come with a later batch.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipeline.config.settings import load_settings
from pipeline.ingest.landing import register_landing, remove_orphans
from pipeline.ingest.run import ingest_source
from pipeline.ingest.source_files import find_files
from pipeline.privacy.purge import apply_tombstones
from pipeline.storage.load_log import LoadLog
from pipeline.storage.warehouse import Warehouse


def ingest(config: Path) -> None:
    """Do what the landing assets do, for each source that has a file."""
    settings = load_settings(config)
    warehouse = Warehouse(settings.warehouse)
    with warehouse.lock("ingest alone"):
        warehouse.sweep()
        load_log = LoadLog(warehouse.load_log)
        for source in settings.sources:
            if find_files(settings, source):
                remove_orphans(warehouse, load_log)
                result = ingest_source(settings, warehouse, load_log, source)
                assert not result.problems, result.problems
                remove_orphans(warehouse, load_log)
                apply_tombstones(settings, warehouse, load_log)
                register_landing(settings, warehouse, load_log)


if __name__ == "__main__":
    ingest(Path(sys.argv[1]))
