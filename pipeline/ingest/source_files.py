"""The raw files of a source, and what identifies their content."""

from __future__ import annotations

import glob
import os
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.config.settings import FORMATS, Settings, Source
from pipeline.errors import SiyuError, did_you_mean
from pipeline.storage.checksum import sha256_of
from pipeline.storage.load_log import LoadLog

_COMPRESSIONS = (".gz", ".zst")
_SUFFIXES = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
}


@dataclass(frozen=True)
class RawFile:
    """A file that a source's path matches.

    ``name`` is its path relative to the configuration file, ``format`` one of
    ``settings.FORMATS``, ``compression`` '' or '.gz' or '.zst'.
    """

    path: Path
    name: str
    format: str
    compression: str


def find_files(settings: Settings, source: Source) -> list[RawFile]:
    """Return the source's files in natural order of their names.

    Raises ``SiyuError`` for a file of an unknown format.
    """
    # Path.glob does not accept an absolute pattern, which a configuration may have.
    found = glob.glob(source.path, root_dir=settings.folder, recursive=True)  # noqa: PTH207
    paths = [settings.folder / name for name in found]
    files = [_raw_file(path, settings, source) for path in paths if path.is_file()]
    return sorted(files, key=lambda file: natural_key(file.name))


def missing_files_message(settings: Settings, source: Source) -> str:
    """Say that a source has no files, and suggest a similar name."""
    folder = (settings.folder / source.path).parent
    names = [p.name for p in folder.iterdir()] if folder.is_dir() else []
    hint = did_you_mean(Path(source.path).name, names)
    if not names and not glob.has_magic(str(folder)):
        hint = f" There is no folder {folder}." if not folder.is_dir() else hint
    return f"source '{source.name}': no file matches {source.path}.{hint}"


def _raw_file(path: Path, settings: Settings, source: Source) -> RawFile:
    stem, compression = path.name.lower(), ""
    for suffix in _COMPRESSIONS:
        if stem.endswith(suffix):
            stem, compression = stem.removesuffix(suffix), suffix
    name = Path(os.path.relpath(path, settings.folder)).as_posix()
    file_format = source.format or _SUFFIXES.get(Path(stem).suffix)
    if file_format is None:
        raise SiyuError(
            f"source '{source.name}': {name}: unknown kind of file. Set the source's "
            f"format to one of {', '.join(FORMATS)}."
        )
    return RawFile(path, name, file_format, compression)


def natural_key(name: str) -> str:
    """Return a text that sorts as ``name`` does in natural order.

    Runs of digits are padded, so that ``day-9`` comes before ``day-10`` when the keys
    are compared as texts, both in Python and in SQL.
    """
    return re.sub(r"\d+", lambda digits: digits.group().zfill(20), name)


def content_hash(file: RawFile, load_log: LoadLog) -> tuple[str, int]:
    """Return the SHA-256 of the file's bytes, and its size in bytes.

    A file with unchanged size and modification time is not read again. Raises
    ``SiyuError`` if it cannot be read or changes in the meantime.
    """
    try:
        before = file.path.stat()
        known = load_log.known_hash(file.path, before.st_size, before.st_mtime_ns)
        if known:
            return known, before.st_size
        digest = sha256_of(file.path)
        assert_unchanged(file, before)
    except OSError as error:
        raise SiyuError(f"{file.name}: cannot be read: {error.strerror}") from None
    load_log.remember_hash(file.path, before.st_size, before.st_mtime_ns, digest)
    return digest, before.st_size


def assert_unchanged(file: RawFile, before: os.stat_result) -> None:
    """Raise ``SiyuError`` if the file was written to since ``before``."""
    after = file.path.stat()
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise SiyuError(
            f"{file.name}: is still being written; run again when it is complete"
        )
