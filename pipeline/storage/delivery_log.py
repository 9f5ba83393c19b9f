"""What each destination has received: a small Parquet file for each delivery.

A delivery is prepared in scratch (data files, manifest and log rows together), made
durable, and then renamed to ``deliveries/ready/<destination>``. That rename is the
commit: before it nothing has happened, after it everything will. The remaining steps
can be interrupted at any point and are resumed from there (`complete`):

1. the folder of files is renamed into the destination's folder, manifest included;
2. the log rows are renamed to ``deliveries/record/<destination>/<number>``;
3. what is left of the ready folder is removed.

So each delivery appears once, whole, and is in the log if and only if it appears.
"""

from __future__ import annotations

import errno
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.storage.atomic_files import sync_folder, sync_tree
from pipeline.storage.quoting import no_rows, quote_text
from pipeline.storage.warehouse import Warehouse

CHANGES = "changes.parquet"
MANIFEST = "manifest.json"
_NOTE = "delivery.json"
_FILES, _RECORD = "files", "record"

COLUMNS = {
    "number": "bigint",
    "as_of_date": "date",
    "change": "varchar",
    "audience": "varchar",
    "member": "varchar",
    "customer_id": "varchar",
    "touch_id": "varchar",
    "channel": "varchar",
    "payload_hash": "varchar",
}

# The columns that later builds read: a delivered touch is a contact.
TOUCH_COLUMNS = {
    name: COLUMNS[name] for name in ("touch_id", "customer_id", "channel", "as_of_date")
}


def prepared_folder(warehouse: Warehouse, destination: str) -> Path:
    """An empty folder to prepare a delivery in, with ``files`` and ``record`` in it."""
    folder = warehouse.scratch / f"delivery-{destination}"
    shutil.rmtree(folder, ignore_errors=True)
    for name in (_FILES, _RECORD):
        (folder / name).mkdir(parents=True, mode=0o700)
    return folder


def commit(
    warehouse: Warehouse, destination: str, prepared: Path, number: int, target: Path
) -> Path:
    """Commit a prepared delivery and deliver it; return the folder of its files."""
    note = json.dumps({"number": number, "target": str(target)})
    (prepared / _NOTE).write_text(note, encoding="utf-8")
    sync_tree(prepared)
    ready = _ready(warehouse) / destination
    for folder in (ready.parent, _records(warehouse, destination)):
        folder.mkdir(parents=True, exist_ok=True)
    warehouse.deliveries.chmod(0o700)
    prepared.replace(ready)
    sync_folder(ready.parent)
    return _complete_one(warehouse, ready)


def complete(warehouse: Warehouse) -> list[str]:
    """Complete interrupted deliveries; return their destinations."""
    folders = sorted(_ready(warehouse).glob("*"))
    for folder in folders:
        _complete_one(warehouse, folder)
    return [folder.name for folder in folders]


def record_files(warehouse: Warehouse, destination: str) -> list[Path]:
    """The log files of a destination, including a committed delivery in progress."""
    found = sorted(_records(warehouse, destination).glob(f"*/{CHANGES}"))
    waiting = _ready(warehouse) / destination / _RECORD / CHANGES
    return [*found, waiting] if waiting.exists() else found


def last_manifest(warehouse: Warehouse, destination: str) -> dict[str, Any] | None:
    """The manifest of the last delivery, or None before the first."""
    files = record_files(warehouse, destination)
    if not files:
        return None
    text = files[-1].with_name(MANIFEST).read_text(encoding="utf-8")
    manifest: dict[str, Any] = json.loads(text)
    return manifest


def log_query(warehouse: Warehouse, destination: str) -> str:
    """SQL for all rows of the log of a destination, with the columns `COLUMNS`."""
    files = record_files(warehouse, destination)
    if not files:
        return no_rows(COLUMNS)
    listed = ", ".join(quote_text(str(file)) for file in files)
    return f"select {', '.join(COLUMNS)} from read_parquet([{listed}])"


def touches_query(warehouse: Warehouse) -> str:
    """SQL for the touches delivered to any destination, with `TOUCH_COLUMNS`."""
    if not any(_all_records(warehouse).glob(f"*/*/{CHANGES}")):
        return no_rows(TOUCH_COLUMNS)
    files = quote_text(str(_all_records(warehouse) / "*" / "*" / CHANGES))
    return (
        f"select {', '.join(TOUCH_COLUMNS)} from read_parquet({files}) "
        "where touch_id is not null"
    )


def deliveries_before(warehouse: Warehouse, day: date) -> list[str]:
    """Destination and number of each delivery of the marts of earlier days."""
    manifests = _all_records(warehouse).glob(f"*/*/{MANIFEST}")
    return sorted(
        f"{path.parent.parent.name} {path.parent.name}"
        for path in manifests
        if json.loads(path.read_text(encoding="utf-8"))["as_of_date"] < str(day)
    )


def _complete_one(warehouse: Warehouse, ready: Path) -> Path:
    note_file = ready / _NOTE
    if not note_file.exists():  # killed while the rest was being removed
        shutil.rmtree(ready)
        return ready
    note = json.loads(note_file.read_text(encoding="utf-8"))
    target = Path(note["target"])
    files, record = ready / _FILES, ready / _RECORD
    if files.exists():
        target = _appear(files, target)
    if record.exists():
        number = f"{note['number']:06}"
        place = _records(warehouse, ready.name) / number
        record.replace(place)
        sync_folder(place.parent)
    shutil.rmtree(ready)
    sync_folder(ready.parent)
    return target


def _appear(files: Path, target: Path) -> Path:
    """Rename the folder to ``target``, or to the next free name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    place, again = target, 1
    while _is_taken(place):
        if _same_manifest(files, place):  # copied by the interrupted call
            shutil.rmtree(files)
            return place
        again += 1
        place = target.with_name(f"{target.name}.{again}")
    try:
        files.replace(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_across(files, place)
    sync_folder(place.parent)
    return place


def _copy_across(files: Path, place: Path) -> None:
    """Copy to another file system, where a rename is impossible, then rename there."""
    partial = place.with_name(f".{place.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(files, partial)
    sync_tree(partial)
    partial.replace(place)
    sync_folder(place.parent)
    shutil.rmtree(files)


def _is_taken(place: Path) -> bool:
    return place.exists() and (not place.is_dir() or any(place.iterdir()))


def _same_manifest(files: Path, place: Path) -> bool:
    ours, theirs = files / MANIFEST, place / MANIFEST
    if not ours.exists():  # a removal that was interrupted after the copy
        return True
    return theirs.exists() and ours.read_bytes() == theirs.read_bytes()


def _ready(warehouse: Warehouse) -> Path:
    return warehouse.deliveries / "ready"


def _records(warehouse: Warehouse, destination: str) -> Path:
    return _all_records(warehouse) / destination


def _all_records(warehouse: Warehouse) -> Path:
    return warehouse.deliveries / _RECORD
