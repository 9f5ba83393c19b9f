"""The manifest of each published version: what it is, and what it was made from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline.storage.warehouse import Warehouse

_NAME = "published.json"


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest of the version in ``folder``."""
    text = json.dumps(manifest, indent=2, default=str)
    (folder / _NAME).write_text(text, encoding="utf-8")


def read_manifest(warehouse: Warehouse) -> dict[str, Any] | None:
    """The manifest of what is published now, or None before the first publish."""
    file = warehouse.published / "current" / _NAME
    if not file.exists():
        return None
    manifest: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return manifest
