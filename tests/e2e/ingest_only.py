"""Load what is new of a configuration, and nothing else: the first part of `siyu run`.

    python ingest_only.py siyu.yaml

Sources without a file are left out: their files come with a later batch.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipeline.ingest.files import find_files
from pipeline.ingest.landing import register_landing, remove_orphans
from pipeline.ingest.run import ingest_source
from pipeline.ledger import Ledger
from pipeline.settings import load_settings
from pipeline.warehouse import Warehouse


def ingest(config: Path) -> None:
    """Do what the landing assets do, for each source that has a file."""
    settings = load_settings(config)
    warehouse = Warehouse(settings.warehouse)
    with warehouse.lock("ingest alone"):
        warehouse.sweep()
        ledger = Ledger(warehouse.ledger)
        for source in settings.sources:
            if find_files(settings, source):
                remove_orphans(warehouse, ledger)
                result = ingest_source(settings, warehouse, ledger, source)
                assert not result.problems, result.problems
                remove_orphans(warehouse, ledger)
                register_landing(settings, warehouse, ledger)


if __name__ == "__main__":
    ingest(Path(sys.argv[1]))
