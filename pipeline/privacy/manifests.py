"""Correcting the manifests of exports after a listed file has changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline.storage.atomic_files import replace_file
from pipeline.storage.checksum import sha256_of
from pipeline.storage.warehouse import Warehouse

_NAMES = ("file", "name", "path")
_ROWS = ("rows", "row_count")
_BYTES = ("bytes", "size")


def correct_manifests(warehouse: Warehouse, file: Path, aside: Path, rows: int) -> None:
    """Enter the rows and checksum of ``aside``, which is about to replace ``file``.

    A manifest is a JSON file beside the file, or in a folder above it in the warehouse,
    with an object that names the file. Its total of rows, if any, is corrected too. All
    values are those after the replacement, so that the correction can be repeated.
    """
    folder = file.parent
    while folder.is_relative_to(warehouse.root):
        for manifest in sorted(folder.glob("*.json")):
            if manifest != file:
                _correct(warehouse, manifest, file, aside, rows)
        folder = folder.parent


def _correct(
    warehouse: Warehouse, manifest: Path, file: Path, aside: Path, rows: int
) -> None:
    content = json.loads(manifest.read_text("utf-8"))
    names = {file.name, file.relative_to(manifest.parent).as_posix()}
    entries = [
        entry
        for entry in _objects(content)
        if any(entry.get(key) in names for key in _NAMES)
    ]
    if not entries:
        return
    digest = sha256_of(aside)
    for entry in entries:
        new = dict.fromkeys(_ROWS, rows) | dict.fromkeys(_BYTES, aside.stat().st_size)
        entry |= {k: v for k, v in (new | {"sha256": digest}).items() if k in entry}
    _add_up(content)
    text = json.dumps(content, indent=2, ensure_ascii=False)
    finished = warehouse.scratch / f"corrected-{manifest.name}"
    finished.write_text(text, encoding="utf-8")
    finished.chmod(manifest.stat().st_mode & 0o777)
    replace_file(finished, manifest)


def _add_up(content: Any) -> None:
    """Correct the total of rows beside the list of files."""
    if not isinstance(content, dict):
        return
    listed = [e for value in content.values() if isinstance(value, list) for e in value]
    for key in _ROWS:
        rows = [e[key] for e in listed if isinstance(e, dict) and key in e]
        if key in content and rows:
            content[key] = sum(rows)


def _objects(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, list):
        return [found for item in content for found in _objects(item)]
    if not isinstance(content, dict):
        return []
    inner = [found for value in content.values() for found in _objects(value)]
    return [content, *inner]
