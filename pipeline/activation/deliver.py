"""Exporting what is published to the destinations of the configuration.

Only published marts are read, and the identifiers beside them. A destination receives
what has changed since its last delivery (mode ``changes``) or its whole lists
(``full``), and each touch once ever. Where nothing has changed nothing is written. How
a delivery comes to be there exactly once, whatever breaks it off, is in `ledger.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from pipeline.activation import files, identifiers, ledger
from pipeline.activation.changes import (
    Published,
    find_changes,
    output_query,
    taken_audiences,
)
from pipeline.activation.destination import Destination
from pipeline.errors import SiyuError, near
from pipeline.ingest.expressions import quote_text
from pipeline.publish.publish import IDENTIFIERS
from pipeline.settings import Settings
from pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class Counts:
    """Members of a list by what happens to them; for touches, touches to deliver."""

    add: int = 0
    update: int = 0
    remove: int = 0
    same: int = 0

    @property
    def changed(self) -> int:
        """All but those that stay as they are."""
        return self.add + self.update + self.remove

    @staticmethod
    def sum(counts: Iterable[Counts]) -> Counts:
        """The counts of several lists together."""
        every = [asdict(each) for each in counts]
        return Counts(**{k: sum(c[k] for c in every) for k in asdict(Counts())})


@dataclass(frozen=True)
class Delivery:
    """What a destination gets: counts by list; ``note`` says why it gets nothing.

    ``left_out`` counts who cannot be sent, by reason. ``folder`` is where the files
    are, None where none were written.
    """

    destination: str
    as_of_date: date
    counts: dict[str, Counts] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    note: str | None = None
    folder: Path | None = None

    @property
    def total(self) -> Counts:
        """The counts of all lists together."""
        return Counts.sum(self.counts.values())


def chosen(settings: Settings, names: Sequence[str]) -> list[Destination]:
    """The destinations of these names, all of them if there is none.

    Raises ``SiyuError`` for a name that is no destination.
    """
    known = {destination.name: destination for destination in settings.destinations}
    for name in names:
        if name not in known:
            raise SiyuError(f"there is no destination '{name}'.{near(name, known)}")
    return [known[name] for name in dict.fromkeys(names)] or list(known.values())


def plan(settings: Settings, names: Sequence[str] = ()) -> list[Delivery]:
    """Tell what an export would deliver, and write nothing."""
    warehouse = Warehouse(settings.warehouse)
    planned = []
    for destination in chosen(settings, names):
        with _published(settings, warehouse) as (published, as_of):
            planned.append(_compared(published, warehouse, destination, as_of))
    return planned


def export_published(settings: Settings, names: Sequence[str] = ()) -> list[Delivery]:
    """Take the warehouse and deliver what is published (see `export`)."""
    warehouse = Warehouse(settings.warehouse)
    with warehouse.lock("siyu export"):
        warehouse.sweep()
        return export(settings, names)


def export(settings: Settings, names: Sequence[str] = ()) -> list[Delivery]:
    """Deliver what is published. The caller holds the lock of the warehouse.

    Deliveries that were broken off are brought to their end first. A destination that
    refuses (a row limit, an unknown audience) does not keep the others from theirs;
    then ``SiyuError`` is raised with all that was refused.
    """
    warehouse = Warehouse(settings.warehouse)
    destinations = chosen(settings, names)
    ledger.complete(warehouse)
    done, refused = [], []
    for destination in destinations:
        try:
            with _published(settings, warehouse) as (published, as_of):
                done.append(_deliver(settings, published, destination, as_of))
        except SiyuError as error:
            refused.append(str(error))
    if refused:
        raise SiyuError("\n".join(refused))
    return done


@contextmanager
def _published(
    settings: Settings, warehouse: Warehouse
) -> Iterator[tuple[Published, date]]:
    """The published version, the same one for as long as it is open."""
    if not warehouse.database.exists():
        raise SiyuError("nothing has been published yet; run the pipeline first")
    database = warehouse.database.resolve()
    with duckdb.connect() as connection:
        connection.execute(f"set temp_directory = {quote_text(str(warehouse.scratch))}")
        connection.execute(f"set memory_limit = {quote_text(settings.memory_limit)}")
        connection.execute(f"attach {quote_text(str(database))} as siyu (read_only)")
        identifiers.prepare(connection)
        row = connection.execute(
            "select max(as_of_date) from siyu.marts.published"
        ).fetchone()
        assert row is not None
        beside = database.parent / IDENTIFIERS
        yield Published(connection, beside, settings.shop.country), row[0]


def _compared(
    published: Published, warehouse: Warehouse, destination: Destination, as_of: date
) -> Delivery:
    """Compare what is published with the ledger; the changes are in a table then."""
    missing = [mart for mart in _needed(destination) if not published.has(mart)]
    if missing:
        note = f"the published marts have no {missing[0]}"
        return Delivery(destination.name, as_of, note=note)
    last = ledger.last_manifest(warehouse, destination.name)
    if last and as_of.isoformat() < last["as_of_date"]:
        note = f"it has had {last['as_of_date']}, which is later"
        return Delivery(destination.name, as_of, note=note)
    received = ledger.ledger_query(warehouse, destination.name)
    left_out = find_changes(published, destination, received)
    counts = _counts(published.connection)
    delivery = Delivery(destination.name, as_of, counts, left_out)
    _check_row_limit(destination, delivery)
    is_new_list = destination.mode == "full" and (
        last is None or last["as_of_date"] != as_of.isoformat()
    )
    if delivery.total.changed == 0 and not is_new_list:
        return Delivery(
            destination.name, as_of, counts, left_out, "nothing has changed"
        )
    return delivery


def _needed(destination: Destination) -> list[str]:
    own = ["journey_touches"] if destination.touches else ["audience_members"]
    return ["customer_360", *own, *([] if destination.touches else ["dim_audience"])]


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, Counts]:
    rows = connection.execute(
        "select list, change, count(*) from changes group by all order by all"
    ).fetchall()
    found: dict[str, dict[str, int]] = {}
    for name, change, count in rows:
        found.setdefault(name, {})[change] = count
    return {name: Counts(**counts) for name, counts in found.items()}


def _check_row_limit(destination: Destination, delivery: Delivery) -> None:
    total = delivery.total
    rows = total.changed
    if destination.mode == "full":
        rows = total.add + total.update + total.same
    if destination.row_limit is not None and rows > destination.row_limit:
        raise SiyuError(
            f"destinations: {destination.name}: {rows:,} rows are to be delivered, its "
            f"row_limit is {destination.row_limit:,}. Nothing was written for it; take "
            "fewer audiences or touches, or raise row_limit if it is really meant."
        )


def _deliver(
    settings: Settings, published: Published, destination: Destination, as_of: date
) -> Delivery:
    warehouse = Warehouse(settings.warehouse)
    delivery = _compared(published, warehouse, destination, as_of)
    if delivery.note:
        return delivery
    last = ledger.last_manifest(warehouse, destination.name)
    number = 1 + (last["number"] if last else 0)
    prepared = ledger.prepared_folder(warehouse, destination.name)
    folder = prepared / "files"
    if not destination.is_private:
        folder.chmod(0o755)
    unwritten = "remove" if destination.mode == "full" else "same"
    output, wanted = output_query(destination, as_of.isoformat(), number, unwritten), []
    if destination.mode == "full" and destination.grouped_by == ["list"]:
        wanted = [(name, None) for name in taken_audiences(published, destination)]
    written = files.write_files(
        published.connection, destination, output, as_of.isoformat(), folder, wanted
    )
    manifest = files.write_manifest(
        folder, _manifest(settings, destination, delivery, number), written
    )
    _write_record(published.connection, prepared / "record", manifest, number, as_of)
    base = warehouse.exports / destination.name
    if destination.folder:
        base = settings.folder / destination.folder
    place = ledger.commit(
        warehouse, destination.name, prepared, number, base / as_of.isoformat()
    )
    return Delivery(
        destination.name, as_of, delivery.counts, delivery.left_out, None, place
    )


def _manifest(
    settings: Settings, destination: Destination, delivery: Delivery, number: int
) -> dict[str, object]:
    """What the files are: the same for the same state and configuration."""
    about = destination.model_dump(mode="json")
    day = delivery.as_of_date.isoformat()
    text = json.dumps([settings.shop.name, about, number, day], sort_keys=True)
    return {
        "destination": destination.name,
        "number": number,
        "batch": f"{day}-{hashlib.sha256(text.encode()).hexdigest()[:12]}",
        "as_of_date": day,
        "template": destination.template,
        "mode": destination.mode,
        "format": destination.format,
        "columns": destination.columns,
        "identifiers": {
            kind: destination.identifier(kind).model_dump()
            for kind in destination.id_types
        },
        "changes": {name: asdict(c) for name, c in delivery.counts.items()},
        "left_out": delivery.left_out,
    }


def _write_record(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    manifest: str,
    number: int,
    as_of: date,
) -> None:
    """Write what the ledger will hold of the delivery: its changes and its manifest."""
    target = quote_text(str(folder / ledger.CHANGES))
    connection.execute(
        f"copy (select {number}::bigint as number, date '{as_of}' as as_of_date, "
        "change, audience, member, customer_id, touch_id, channel, payload_hash "
        "from changes where change <> 'same' order by audience, member, touch_id) "
        f"to {target} (format parquet, compression zstd)"
    )
    (folder / ledger.MANIFEST).write_text(manifest, encoding="utf-8")
    for file in folder.iterdir():
        file.chmod(0o600)
