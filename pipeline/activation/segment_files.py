"""One file per RFM segment for operators, with a manifest.

The csv files are safe to open in a spreadsheet: UTF-8 with a byte-order mark, and an
apostrophe before text that would run as a formula (it starts with =, +, -, @, tab or
carriage return). The manifest is written last: a file that does not match its checksum
there is not finished.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipeline.activation.spreadsheet import put_mark, spreadsheet_safe
from pipeline.errors import SiyuError
from pipeline.storage.atomic_files import replace_file
from pipeline.storage.checksum import sha256_of
from pipeline.storage.quoting import quote_name, quote_text
from pipeline.storage.warehouse import Warehouse

_COLUMNS = [
    "customer_id",
    "rfm_segment",
    "label_en",
    "label_zh",
    "value_tier",
    "rfm_code",
    "rfm_class",
    "recency_days",
    "frequency",
    "monetary",
    "as_of_date",
]
_TEXTS = {
    "customer_id",
    "rfm_segment",
    "label_en",
    "label_zh",
    "value_tier",
    "rfm_class",
}


@dataclass(frozen=True)
class ExportedFile:
    """One file of an export: its name, rows (without the header), and SHA-256."""

    file: str
    segment: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an export holds. ``files`` has every segment, empty ones included."""

    export: str
    as_of_date: str
    columns: list[str]
    files: list[ExportedFile]

    @property
    def rows(self) -> int:
        """Rows over all files."""
        return sum(file.rows for file in self.files)


def export_segments(warehouse: Warehouse) -> Manifest:
    """Write ``exports/rfm_segments/<as-of date>/<segment>.csv`` and ``manifest.json``.

    Raises ``SiyuError`` if nothing has been published yet.
    """
    if not warehouse.database.exists():
        raise SiyuError("nothing has been published yet; run the pipeline first")
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        connection.execute(f"set temp_directory = {quote_text(str(warehouse.scratch))}")
        as_of = _as_of_date(connection)
        folder = warehouse.exports / "rfm_segments" / as_of.isoformat()
        files = [
            _write_segment(connection, warehouse.scratch, folder, segment)
            for segment in _segments(connection)
        ]
    manifest = Manifest("rfm_segments", as_of.isoformat(), _COLUMNS, files)
    _write_manifest(warehouse, folder, manifest)
    return manifest


def _as_of_date(connection: duckdb.DuckDBPyConnection) -> date:
    row = connection.execute("select max(as_of_date) from marts.published").fetchone()
    assert row is not None
    as_of: date = row[0]
    return as_of


def _segments(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select segment from marts.dim_rfm_segment order by segment"
    ).fetchall()
    return [segment for (segment,) in rows]


def _write_segment(
    connection: duckdb.DuckDBPyConnection, scratch: Path, folder: Path, segment: str
) -> ExportedFile:
    columns = ", ".join(
        f"{spreadsheet_safe(name) if name in _TEXTS else name} as {quote_name(name)}"
        for name in _COLUMNS
    )
    query = (
        f"select {columns} from (select s.*, g.label_en, g.label_zh "
        "from marts.rfm_scores as s join marts.dim_rfm_segment as g "
        "on s.rfm_segment = g.segment "
        f"where s.rfm_segment = {quote_text(segment)}) order by all"
    )
    finished = scratch / f"{segment}.csv"
    copied = connection.execute(
        f"copy ({query}) to {quote_text(str(finished))} (format csv, header true)"
    ).fetchone()
    put_mark(finished)
    digest = sha256_of(finished)
    replace_file(finished, folder / finished.name)
    return ExportedFile(finished.name, segment, copied[0] if copied else 0, digest)


def _write_manifest(warehouse: Warehouse, folder: Path, manifest: Manifest) -> None:
    listed = {file.file for file in manifest.files}
    finished = warehouse.scratch / "manifest.json"
    content = asdict(manifest) | {"rows": manifest.rows}
    text = json.dumps(content, indent=2, ensure_ascii=False)
    finished.write_text(text, encoding="utf-8")
    replace_file(finished, folder / "manifest.json")
    for stale in folder.glob("*.csv"):
        if stale.name not in listed:
            stale.unlink()
