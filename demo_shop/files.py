"""Writing raw files, byte for byte the same each time: text, gzip and xlsx."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import openpyxl

from demo_shop.dirt import TRUNCATED, BadRow, Damage, spoil_batch

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_CREATED = "2024-01-01T00:00:00Z"


@dataclass(frozen=True)
class TextForm:
    """How a text file looks: encoding, line ends, byte order mark, header line."""

    header: str | None = None
    encoding: str = "utf-8"
    newline: str = "\n"
    has_bom: bool = False


@dataclass
class FileFacts:
    """What one raw file holds, as ``truth.json`` reports it.

    ``kinds`` counts the good rows: new ones, updates of earlier ones, repeats of an
    earlier file, and test rows that the mapping filters out.
    """

    path: str
    source: str
    entity: str
    kinds: dict[str, int]
    bad: list[BadRow] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """All rows: accepted, rejected and filtered."""
        return sum(self.kinds.values()) + len(self.bad)


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """Open a file for writing; a ``.gz`` file holds neither a name nor a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as raw:
        if path.suffix != ".gz":
            yield raw
            return
        with gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed:
            yield packed


def write_lines(
    path: Path,
    form: TextForm,
    batches: Iterable[list[str]],
    *,
    damage: Damage | None = None,
    bad: dict[int, str] | None = None,
    truncate: bool = False,
) -> list[BadRow]:
    """Write a text file and return its bad rows.

    ``bad`` gives the good rows that a damaged copy follows; ``truncate`` adds a
    truncated copy of the last row, without a line end.
    """
    found: list[BadRow] = []
    offset, last = 0, ""
    with _open(path) as file:

        def put(lines: list[str]) -> None:
            text = form.newline.join([*lines, ""])
            file.write(text.encode(form.encoding))

        if form.has_bom:
            file.write(b"\xef\xbb\xbf")
        if form.header is not None:
            put([form.header])
        for lines in batches:
            if damage is not None and bad:
                put(spoil_batch(lines, offset, bad, damage.spoil, found))
            else:
                put(lines)
            offset, last = offset + len(lines), lines[-1]
        if truncate and damage is not None and offset:
            file.write(damage.cut(last).encode(form.encoding))
            found.append(BadRow(offset + len(found) + 1, TRUNCATED))
    return found


def write_xlsx(path: Path, sheet: str, rows: Iterable[Iterable[object]]) -> None:
    """Write a workbook of one sheet without the time of writing in it."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    saved = io.BytesIO()
    book.save(saved)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(path, "w") as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "docProps/core.xml":
                stamp = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
                content = stamp.sub(_CREATED.encode(), content)
            entry = zipfile.ZipInfo(name, _ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
