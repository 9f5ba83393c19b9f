"""A careful reader of damaged text files, record by record.

DuckDB reads a well-formed file many times faster, but stops at the first record that
breaks the format. Only such files are read here: every record gets its number, and
those that break the format are set apart with a reason and their original text. An
unclosed quote costs its own line, not the rest of the file.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from pipeline.config.settings import ReaderOptions

_CHUNK = 1 << 20
_LONGEST_RECORD_LINES = 1_000
_LONGEST_FIELD = 16_000_000
_BATCH_ROWS = 20_000

_UNCLOSED = "a quote is opened but not closed"
_SURROGATE = 0xDC00
# What JSON calls whitespace.
BLANK = " \t\r\n"

csv.field_size_limit(_LONGEST_FIELD)


@dataclass(frozen=True)
class Record:
    """One record: its 1-based number, and its fields or the reason why it is broken."""

    number: int
    raw: str
    fields: list[str] | None = None
    reason: str | None = None


# Errors of Python and zstandard for compressed data that cannot be read to its end.
DAMAGED_STREAM = (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError)


def _as_surrogates(error: UnicodeError) -> tuple[str, int]:
    """Decode each bad byte as ``surrogateescape`` does, in any encoding."""
    assert isinstance(error, UnicodeDecodeError)
    bad = error.object[error.start : error.end]
    return "".join(chr(_SURROGATE + byte) for byte in bad), error.end


codecs.register_error("siyu_bytes", _as_surrogates)


def is_utf8(encoding: str) -> bool:
    """Whether ``encoding`` is one of the names of UTF-8."""
    return codecs.lookup(encoding).name == "utf-8"


def open_text(path: Path, compression: str, encoding: str) -> IO[str]:
    """Open a file as text. Invalid bytes become lone surrogates."""
    handle: Any = path.open("rb")
    if compression == ".gz":
        handle = gzip.GzipFile(fileobj=handle)
    elif compression == ".zst":
        handle = zstandard.ZstdDecompressor().stream_reader(
            handle, read_across_frames=True, closefd=True
        )
    return io.TextIOWrapper(
        io.BufferedReader(handle, _CHUNK),
        encoding="utf-8-sig" if is_utf8(encoding) else encoding,
        errors="siyu_bytes",
        newline="",
    )


def assert_whole(path: Path, compression: str) -> None:
    """Read compressed data to its end, since DuckDB does not notice a truncated file.

    Raises one of ``DAMAGED_STREAM`` if it is truncated or damaged.
    """
    if compression == ".gz":
        with gzip.open(path) as unpacked:
            while unpacked.read(_CHUNK):
                pass
    elif compression == ".zst":
        with path.open("rb") as packed:
            _read_frames(packed)


def _read_frames(packed: IO[bytes]) -> None:
    frame = None
    while chunk := packed.read(_CHUNK):
        while chunk:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            frame.decompress(chunk)
            chunk = frame.unused_data if frame.eof else b""
            frame = None if frame.eof else frame
    if frame is not None:
        raise EOFError("the last frame has no end")


def read_header(
    text: IO[str], delimiter: str, options: ReaderOptions
) -> tuple[Record | None, int]:
    """Return the first record, and how many lines are skipped or blank before it."""
    before = 0
    for line in text:
        if before >= options.skip and line.strip("\r\n"):
            lines = itertools.chain([line], text)
            return next(_csv_records(lines, delimiter, options, None)), before
        before += 1
    return None, before


def csv_records(
    text: IO[str], delimiter: str, options: ReaderOptions, width: int
) -> Iterator[Record]:
    """Yield the records of a csv file below its header, of ``width`` fields each."""
    for _ in range(options.skip):
        text.readline()
    yield from _csv_records(
        text, delimiter, options, width, header=1 if options.header else 0
    )


def line_records(text: IO[str], encoding: str) -> Iterator[Record]:
    """Yield the non-blank lines of a file, each as a record of one field."""
    number = 0
    for line in text:
        raw = line.rstrip("\r\n")
        if raw.strip(BLANK):
            number += 1
            yield _decoded(Record(number, raw, [raw]), encoding)


class _Lines:
    """Lines that can be put back; it remembers those taken since the last record."""

    def __init__(self, text: Iterable[str]) -> None:
        self._text = iter(text)
        self._back: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._text)
        self.taken.append(line)
        if len(self.taken) > _LONGEST_RECORD_LINES:
            raise csv.Error(f"it is longer than {_LONGEST_RECORD_LINES} lines")
        return line

    def keep_first(self) -> str:
        """Put back all lines of the record but the first, which is returned."""
        self._back.extendleft(reversed(self.taken[1:]))
        return self.taken[0]


def _csv_records(
    text: Iterable[str],
    delimiter: str,
    options: ReaderOptions,
    width: int | None,
    header: int = 0,
) -> Iterator[Record]:
    lines = _Lines(text)

    def new_reader(source: Iterable[str] = lines) -> Iterator[list[str]]:
        return csv.reader(
            source,
            delimiter=delimiter,
            quotechar=options.quote,
            doublequote=options.escape == options.quote,
            escapechar=None if options.escape == options.quote else options.escape,
            strict=True,
        )

    reader, number = new_reader(), -header
    while True:
        lines.taken.clear()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            several = len(lines.taken) > 1
            raw, reader = lines.keep_first().rstrip("\r\n"), new_reader()
            number += 1
            why = _UNCLOSED if several else _reason(error)
            yield Record(number, _printable(raw), reason=why)
            continue
        if not fields:
            continue
        number += 1
        if number < 1 and header:
            continue
        swallowed = lines.taken[1:] if width and len(fields) != width else []
        if any(_width(new_reader([line])) == width for line in swallowed):
            # A record of several lines that does not fit, but contains a complete one.
            raw, reader = lines.keep_first().rstrip("\r\n"), new_reader()
            yield Record(number, _printable(raw), reason=_UNCLOSED)
            continue
        raw = "".join(lines.taken).rstrip("\r\n")
        record = _decoded(Record(number, raw, fields), options.encoding)
        yield _fitting(record, width) if width is not None else record


def _width(reader: Iterator[list[str]]) -> int:
    """How many fields the first record has; 0 if it is broken."""
    try:
        return len(next(reader, []))
    except csv.Error:
        return 0


def _reason(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end of data" in text:
        return _UNCLOSED
    if "expected after" in text:
        return "text follows a closing quote"
    return f"not a record: {text}"


def _fitting(record: Record, width: int) -> Record:
    if record.fields is None or len(record.fields) == width:
        return record
    found = len(record.fields)
    few_or_many = "few" if found < width else "many"
    return Record(
        record.number,
        record.raw,
        reason=f"too {few_or_many} fields: {found}, expected {width}",
    )


def _decoded(record: Record, encoding: str) -> Record:
    if record.raw.isascii():
        return record
    try:
        record.raw.encode("utf-8")
    except UnicodeEncodeError:
        return Record(
            record.number,
            _printable(record.raw),
            reason=f"bytes that are not valid {encoding}",
        )
    return record


def _printable(raw: str) -> str:
    r"""Show the bytes that could not be decoded as ``\xNN``."""
    return re.sub(
        "[\ud800-\udfff]", lambda bad: f"\\x{ord(bad.group()) & 0xFF:02x}", raw
    )


def separate(
    records: Iterable[Record],
    columns: list[str],
    clean: Path,
    broken: Path,
    on_rows: Callable[[int], None] = lambda _: None,
) -> None:
    """Write valid records to ``clean`` and the others to ``broken``, both Parquet.

    ``clean`` has _row and ``columns``, with null for empty texts; ``broken`` has _row,
    reason and raw.
    """
    clean_schema = pa.schema(
        [("_row", pa.int64()), *((name, pa.string()) for name in columns)]
    )
    broken_schema = pa.schema(
        [("_row", pa.int64()), ("reason", pa.string()), ("raw", pa.string())]
    )
    with (
        pq.ParquetWriter(clean, clean_schema) as clean_writer,
        pq.ParquetWriter(broken, broken_schema) as broken_writer,
    ):
        for batch in _batches(records):
            good = [r for r in batch if r.fields is not None]
            bad = [r for r in batch if r.fields is None]
            if good:
                clean_writer.write_table(_clean_table(good, clean_schema))
            if bad:
                values = [
                    [r.number for r in bad],
                    [r.reason for r in bad],
                    [r.raw for r in bad],
                ]
                broken_writer.write_table(pa.table(values, schema=broken_schema))
            on_rows(batch[-1].number)


def _clean_table(records: list[Record], schema: pa.Schema) -> pa.Table:
    numbers = [record.number for record in records]
    fields = zip(*(record.fields or [] for record in records), strict=True)
    texts = [[value or None for value in column] for column in fields]
    return pa.table([numbers, *texts], schema=schema)


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) == _BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
