"""The kind of a file by its content, and its text if it has one.

Every file below a warehouse is of one of these kinds, so that an erasure also reaches
files that did not exist when this code was written.
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
    """Kinds of files, by how they can be searched and rewritten."""

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
    """The kind of a file; for a compressed one, the kind of its content."""
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
    """The text of a file, decompressed, with its byte-order mark and newlines."""
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
    """Write a text to a file so that `read_text` returns it, compressed by ``how``."""
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
