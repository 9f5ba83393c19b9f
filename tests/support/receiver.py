"""The other side of an export: it checks the files that arrive and applies them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any


class Received:
    """What a destination holds after all deliveries in its folder, in their order.

    The files have the columns ``list``, ``change`` and a key: add of who is there,
    update or remove of who is not there, and a touch that comes twice are errors.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.members: dict[str, dict[str, dict[str, str]]] = {}
        self.changes: list[tuple[str, str, str]] = []
        manifests = [json.loads(f.read_text("utf-8")) for f in manifest_files(folder)]
        self.numbers = [manifest["number"] for manifest in manifests]
        assert self.numbers == list(range(1, len(manifests) + 1))
        for file in manifest_files(folder):
            for row in rows_of(file.parent):
                self._apply(row, key)

    def _apply(self, row: dict[str, str], key: str) -> None:
        who, change = row[key], row["change"]
        has = self.members.setdefault(row["list"], {})
        assert (who in has) == (change != "add"), (row, has)
        if change == "remove":
            del has[who]
        else:
            has[who] = row
        self.changes.append((row["list"], who, change))

    def names(self) -> dict[str, set[str]]:
        """Who is in each list that is not empty."""
        return {name: set(has) for name, has in self.members.items() if has}


def manifest_files(folder: Path) -> list[Path]:
    """The manifests of the deliveries in a destination's folder, in their order."""
    found = folder.glob("*/manifest.json")
    return sorted(found, key=lambda f: json.loads(f.read_text("utf-8"))["number"])


def rows_of(folder: Path) -> list[dict[str, str]]:
    """All rows of a delivery of csv files, each as its manifest promises."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    names = {entry["file"] for entry in manifest["files"]} | {"manifest.json"}
    assert {file.name for file in folder.iterdir()} == names
    rows: list[dict[str, str]] = []
    for entry in manifest["files"]:
        content = (folder / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        found = csv_rows(content)
        assert len(found) == entry["rows"]
        rows += found
    assert len(rows) == manifest["rows"]
    return rows


def csv_rows(content: bytes) -> list[dict[str, str]]:
    """The rows of a csv file, with or without a byte-order mark."""
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text))
