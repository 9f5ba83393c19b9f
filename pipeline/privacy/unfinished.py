"""The note of an erasure in progress: who is being forgotten, and what was removed.

It is the last file of the warehouse that holds the person; it is removed after the
proof.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.privacy.person import Person
from pipeline.storage.atomic_files import replace_file, sync_folder
from pipeline.storage.warehouse import Warehouse


@dataclass
class Unfinished:
    """The person, the exports that held them, and what was removed, by folder."""

    person: Person
    exports: list[str]
    removed: Counter[str] = field(default_factory=Counter)


def note_of(warehouse: Warehouse, customer_id: str) -> Path:
    """The path of the note. Its name is safe for any text that is used as an id."""
    name = customer_id.encode().hex()[:200]
    return warehouse.unfinished_erasures / f"{name}.json"


def read_note(warehouse: Warehouse, customer_id: str) -> Unfinished | None:
    """The note of an earlier, unfinished attempt."""
    file = note_of(warehouse, customer_id)
    if not file.exists():
        return None
    content = json.loads(file.read_text("utf-8"))
    person = Person.from_lists(content["person"])
    return Unfinished(person, content["exports"], Counter(content["removed"]))


def write_note(warehouse: Warehouse, unfinished: Unfinished) -> None:
    """Write the state of the erasure to its note."""
    file = note_of(warehouse, unfinished.person.customer_id)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    aside = warehouse.scratch / file.name
    aside.touch(mode=0o600)
    content = {
        "person": unfinished.person.to_lists(),
        "exports": unfinished.exports,
        "removed": unfinished.removed,
    }
    aside.write_text(json.dumps(content), encoding="utf-8")
    replace_file(aside, file)


def remove_note(warehouse: Warehouse, customer_id: str) -> None:
    """Remove the note: the erasure is complete."""
    note_of(warehouse, customer_id).unlink()
    sync_folder(warehouse.unfinished_erasures)
