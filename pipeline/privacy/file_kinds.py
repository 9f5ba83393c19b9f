"""What kind of file a file is, by its content, and its text where it is one.

Whatever is below a warehouse belongs to one of these kinds, so that an erasure reaches
files that did not exist when it was written.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import zstandard

_HEAD = 1 << 16


class FileKind(Enum):
    """How a file can be searched and rewritten."""

    PARQUET = "parquet"
    DUCKDB = "duckdb"
    SQLITE = "sqlite"
    RECORDS = "records"  # csv and tsv
    LINES = "lines"  # a JSON object a line
    TEXT = "text"
    BYTES = "bytes"  # anything else: searched, never rewritten


_SUFFIXES = {
    ".csv": FileKind.RECORDS,
    ".tsv": FileKind.RECORDS,
    ".jsonl": FileKind.LINES,
    ".ndjson": FileKind.LINES,
}


def kind_of(file: Path) -> FileKind:
    """The kind of a file; of a compressed one, that of its content."""
    with file.open("rb") as handle:
        head = handle.read(_HEAD)
    if head.startswith(b"PAR1"):
        return FileKind.PARQUET
    if head[8:12] == b"DUCK":
        return FileKind.DUCKDB
    if head.startswith(b"SQLite format 3\0"):
        return FileKind.SQLITE
    try:
        text = read_text(file)
    except UnicodeDecodeError:
        return FileKind.BYTES
    if "\0" in text:
        return FileKind.BYTES
    suffix = Path(file.name.removesuffix(compression(file))).suffix.lower()
    return _SUFFIXES.get(suffix, FileKind.TEXT)


def compression(file: Path) -> str:
    """``.gz`` or ``.zst`` or nothing."""
    return file.suffix if file.suffix in (".gz", ".zst") else ""


def read_text(file: Path) -> str:
    """The text of a file, decompressed; a byte-order mark and newlines stay in it."""
    content = file.read_bytes()
    if compression(file) == ".gz":
        content = gzip.decompress(content)
    elif compression(file) == ".zst":
        reader = zstandard.ZstdDecompressor().stream_reader(
            content, read_across_frames=True
        )
        content = reader.read()
    return content.decode("utf-8")


def write_text(file: Path, text: str, how: str) -> None:
    """Write a text to a file as `read_text` finds it, compressed as ``how`` says."""
    content = text.encode("utf-8")
    if how == ".gz":
        content = gzip.compress(content, mtime=0)
    elif how == ".zst":
        content = zstandard.ZstdCompressor().compress(content)
    file.write_bytes(content)


def files_below(folder: Path) -> Iterator[Path]:
    """All regular files, in order of their names; links are not followed."""
    for path, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(path) / name
            if not file.is_symlink() and file.is_file():
                yield file
