"""The note beside each published version: what it is, and what it was made from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline.storage.warehouse import Warehouse

_NAME = "published.json"


def write_note(folder: Path, note: dict[str, Any]) -> None:
    """Write the note of the version in ``folder``."""
    text = json.dumps(note, indent=2, default=str)
    (folder / _NAME).write_text(text, encoding="utf-8")


def read_note(warehouse: Warehouse) -> dict[str, Any] | None:
    """What is published now, or None before the first time."""
    file = warehouse.published / "current" / _NAME
    if not file.exists():
        return None
    note: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return note
