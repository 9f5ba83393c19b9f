"""Exporting what is published to the destinations of the configuration.

Only published marts are read, and the identifiers beside them. A destination receives
what has changed since its last delivery (mode ``changes``) or its whole lists
(``full``), and each touch only once. If nothing has changed, nothing is written.
`storage/delivery_log.py` makes a delivery appear exactly once, even if it is
interrupted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import duckdb

from pipeline.activation import delivery_files as files
from pipeline.activation.changes import find_changes, output_query
from pipeline.activation.delivery import Counts, Delivery
from pipeline.activation.published_marts import PublishedMarts, open_published
from pipeline.activation.recipients import selected_audiences
from pipeline.config.destination import Destination
from pipeline.config.settings import Settings
from pipeline.errors import SiyuError, did_you_mean
from pipeline.storage import delivery_log
from pipeline.storage.quoting import quote_text
from pipeline.storage.warehouse import Warehouse


def chosen(settings: Settings, names: Sequence[str]) -> list[Destination]:
    """The destinations of these names, or all of them if ``names`` is empty.

    Raises ``SiyuError`` for the name of an unknown destination.
    """
    known = {destination.name: destination for destination in settings.destinations}
    for name in names:
        if name not in known:
            raise SiyuError(
                f"there is no destination '{name}'.{did_you_mean(name, known)}"
            )
    return [known[name] for name in dict.fromkeys(names)] or list(known.values())


def plan(settings: Settings, names: Sequence[str] = ()) -> list[Delivery]:
    """Report what an export would deliver, without writing anything."""
    warehouse = Warehouse(settings.warehouse)
    planned = []
    for destination in chosen(settings, names):
        with open_published(settings, warehouse) as (published, as_of):
            planned.append(_compared(published, warehouse, destination, as_of))
    return planned


def export_published(settings: Settings, names: Sequence[str] = ()) -> list[Delivery]:
    """Lock the warehouse and deliver what is published (see `export`)."""
    warehouse = Warehouse(settings.warehouse)
    with warehouse.lock("siyu export"):
        warehouse.sweep()
        return export(settings, names)


def export(settings: Settings, names: Sequence[str] = ()) -> list[Delivery]:
    """Deliver what is published. The caller holds the lock of the warehouse.

    Interrupted deliveries are completed first. A destination that refuses (a row limit,
    an unknown audience) does not hold up the others; afterwards ``SiyuError`` lists
    everything that was refused.
    """
    warehouse = Warehouse(settings.warehouse)
    destinations = chosen(settings, names)
    delivery_log.complete(warehouse)
    done, refused = [], []
    for destination in destinations:
        try:
            with open_published(settings, warehouse) as (published, as_of):
                done.append(_deliver(settings, published, destination, as_of))
        except SiyuError as error:
            refused.append(str(error))
    if refused:
        raise SiyuError("\n".join(refused))
    return done


def _compared(
    published: PublishedMarts,
    warehouse: Warehouse,
    destination: Destination,
    as_of: date,
) -> Delivery:
    """Compare what is published with the log, leaving the changes in a table."""
    missing = [mart for mart in _needed(destination) if not published.has(mart)]
    if missing:
        note = f"the published marts have no {missing[0]}"
        return Delivery(destination.name, as_of, note=note)
    last = delivery_log.last_manifest(warehouse, destination.name)
    if last and as_of.isoformat() < last["as_of_date"]:
        note = f"already delivered for {last['as_of_date']}, which is newer"
        return Delivery(destination.name, as_of, note=note)
    received = delivery_log.log_query(warehouse, destination.name)
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
            f"destinations: {destination.name}: {rows:,} rows are to be delivered, but "
            f"its row_limit is {destination.row_limit:,}. Nothing was written for it; "
            "select fewer audiences or touches, or raise row_limit if this is intended."
        )


def _deliver(
    settings: Settings, published: PublishedMarts, destination: Destination, as_of: date
) -> Delivery:
    warehouse = Warehouse(settings.warehouse)
    delivery = _compared(published, warehouse, destination, as_of)
    if delivery.note:
        return delivery
    last = delivery_log.last_manifest(warehouse, destination.name)
    number = 1 + (last["number"] if last else 0)
    prepared = delivery_log.prepared_folder(warehouse, destination.name)
    folder = prepared / "files"
    if not destination.is_private:
        folder.chmod(0o755)
    unwritten = "remove" if destination.mode == "full" else "same"
    output, wanted = output_query(destination, as_of.isoformat(), number, unwritten), []
    if destination.mode == "full" and destination.grouped_by == ["list"]:
        wanted = [(name, None) for name in selected_audiences(published, destination)]
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
    place = delivery_log.commit(
        warehouse, destination.name, prepared, number, base / as_of.isoformat()
    )
    return Delivery(
        destination.name, as_of, delivery.counts, delivery.left_out, None, place
    )


def _manifest(
    settings: Settings, destination: Destination, delivery: Delivery, number: int
) -> dict[str, object]:
    """Describe the files: the same for the same state and configuration."""
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
    """Write the delivery's part of the log: its changes and its manifest."""
    target = quote_text(str(folder / delivery_log.CHANGES))
    connection.execute(
        f"copy (select {number}::bigint as number, date '{as_of}' as as_of_date, "
        "change, audience, member, customer_id, touch_id, channel, payload_hash "
        "from changes where change <> 'same' order by audience, member, touch_id) "
        f"to {target} (format parquet, compression zstd)"
    )
    (folder / delivery_log.MANIFEST).write_text(manifest, encoding="utf-8")
    for file in folder.iterdir():
        file.chmod(0o600)
