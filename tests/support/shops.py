"""A tiny shop on disk: raw files, a configuration, and what ingest made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipeline.config.contract import ENTITIES
from pipeline.config.settings import Settings, load_settings
from pipeline.ingest.landing import register_landing, remove_orphans
from pipeline.ingest.run import Ingested, ingest_source
from pipeline.privacy.purge import apply_tombstones
from pipeline.storage.load_log import Load, LoadLog, active_loads
from pipeline.storage.warehouse import Warehouse

ORDER_COLUMNS = {
    "order_id": "id",
    "customer_id": "customer",
    "ordered_at": "paid",
    "amount": "amount",
}
ORDER_HEADER = "id,customer,paid,amount\n"


@dataclass
class Shop:
    """A folder with a ``siyu.yaml``; ``sources`` and ``keys`` are what is in it."""

    folder: Path
    sources: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, Any] = field(default_factory=dict)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a raw file below the shop's folder; text becomes UTF-8."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def source(self, entity: str = "orders", **keys: Any) -> Shop:
        """Add a source; its name is the entity's and it reads csv, unless said."""
        defaults = {"name": entity, "entity": entity, "path": f"{entity}*.csv"}
        if entity == "orders":
            defaults["columns"] = dict(ORDER_COLUMNS)  # type: ignore[assignment]
        self.sources.append({**defaults, **keys})
        return self

    @property
    def config(self) -> Path:
        """Write the configuration again, and return its path."""
        path = self.folder / "siyu.yaml"
        document = {"shop": {"name": "test"}, "sources": self.sources, **self.keys}
        path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
        return path

    @property
    def settings(self) -> Settings:
        return load_settings(self.config)

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.settings.warehouse)

    @property
    def load_log(self) -> LoadLog:
        return LoadLog(self.warehouse.load_log)

    def ingest(self, *, register: bool = False) -> list[Ingested]:
        """Load what is new of every source as a run does; ``register`` lists it."""
        settings, warehouse = self.settings, self.warehouse
        warehouse.prepare()
        warehouse.sweep()
        load_log = LoadLog(warehouse.load_log)
        remove_orphans(warehouse, load_log)
        results = [
            ingest_source(settings, warehouse, load_log, source)
            for source in settings.sources
        ]
        remove_orphans(warehouse, load_log)
        if register:
            apply_tombstones(settings, warehouse, load_log)
            register_landing(settings, warehouse, load_log)
        return results

    def problems(self) -> list[str]:
        """Ingest, and return what was wrong."""
        return [problem for result in self.ingest() for problem in result.problems]

    def loads(self) -> list[Load]:
        return active_loads(self.settings, self.load_log)

    def landed(self, entity: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """The landed rows of the active loads, in order."""
        wanted = [load for load in self.loads() if load.entity == entity]
        folder = self.warehouse.landing / entity
        files = [folder / f"{x.load_id}.parquet" for x in wanted if x.rows_accepted]
        return _read(files, columns)

    def quarantined(
        self, columns: str = "row, reasons, raw", entity: str = "*"
    ) -> list[tuple[Any, ...]]:
        """The rows in quarantine, in order."""
        return _read(self.warehouse.quarantine.glob(f"{entity}/*.parquet"), columns)

    def union(self, entity: str, columns: str) -> Counter[tuple[Any, ...]]:
        """How often each content is there once rows of one id are taken as one."""
        key = ENTITIES[entity].row_id
        distinct = {row[0]: row[1:] for row in self.landed(entity, f"{key}, {columns}")}
        return Counter(distinct.values())


def _read(files: Iterable[Path], columns: str) -> list[tuple[Any, ...]]:
    names = [str(file) for file in files]
    if not names:
        return []
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        query = f"select {columns} from read_parquet(?) order by all"
        return connection.execute(query, [names]).fetchall()
