"""A raw file as a DuckDB relation: its columns, and how to select its rows.

Every reader returns a `Relation`, whatever the format. Columns of csv, tsv and xlsx are
text; those of Parquet and JSON keep their types.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas

from pipeline.config.settings import ReaderOptions
from pipeline.errors import SiyuError
from pipeline.ingest.expressions import ROW_COLUMNS
from pipeline.ingest.records import (
    BLANK,
    DAMAGED_STREAM,
    csv_records,
    is_utf8,
    line_records,
    open_text,
    read_header,
    separate,
)
from pipeline.ingest.source_files import RawFile
from pipeline.storage.quoting import quote_name, quote_text, read_parquet

_DELIMITERS = (",", "\t", ";", "|")
_LONGEST_LINE = 16_000_000
_DEEPEST = 20  # levels of JSON; deeper ones stay text
_IS_OBJECT = "try(json_type(_siyu_line)) = 'OBJECT'"  # null where the line is not JSON


@dataclass(frozen=True)
class Relation:
    """A file's rows. ``sql`` selects ``_row`` and the columns (name to SQL type).

    ``raw`` is a SQL expression for the original row as text; ``broken`` is one for the
    reason why a row cannot be read, or null. ``broken_rows`` is a Parquet file of the
    records that ``sql`` leaves out (_row, reason, raw), if any.
    """

    sql: str
    columns: dict[str, str]
    raw: str
    broken: str = "null::varchar"
    broken_rows: Path | None = None


class DamagedTextError(Exception):
    """DuckDB met a record that breaks the text format: read the file carefully."""


def open_relation(
    connection: duckdb.DuckDBPyConnection,
    file: RawFile,
    options: ReaderOptions,
    scratch: Path,
    *,
    careful: bool = False,
    on_rows: Callable[[int], None] = lambda _: None,
) -> Relation:
    """Return the file as a relation; ``careful`` reads damaged text (see ``records``).

    Raises ``SiyuError`` if it cannot be read at all: empty, truncated, or in another
    format.
    """
    if file.path.stat().st_size == 0:
        raise SiyuError(
            "the file is empty (0 bytes, no header); remove it or export it again"
        )
    slow = careful or not is_utf8(options.encoding)
    try:
        if file.format in ("csv", "tsv"):
            return _open_csv(file, options, scratch, slow, on_rows)
        if file.format == "jsonl":
            return _open_jsonl(connection, file, options, scratch, slow, on_rows)
        if file.format == "parquet":
            return _open_parquet(connection, file)
        return _open_xlsx(connection, file, options)
    except DAMAGED_STREAM as error:
        raise SiyuError(damaged_message(error)) from None


def damaged_message(error: Exception) -> str:
    """The message for compressed data that cannot be read to its end."""
    return f"the compressed data is truncated or damaged ({error}); export it again"


def _open_csv(
    file: RawFile,
    options: ReaderOptions,
    scratch: Path,
    slow: bool,
    on_rows: Callable[[int], None],
) -> Relation:
    delimiter = options.delimiter or _sniff_delimiter(file, options)
    names, before = _csv_names(file, options, delimiter)
    columns = dict.fromkeys(names, "varchar")
    # DuckDB counts skipped lines differently if kinds of newline are mixed.
    if slow or before:
        clean, broken = scratch / "clean.parquet", scratch / "broken.parquet"
        with open_text(file.path, file.compression, options.encoding) as text:
            records = csv_records(text, delimiter, options, len(names))
            separate(records, names, clean, broken, on_rows)
        source = read_parquet(clean)
        return Relation(
            f"select * from {source}", columns, _raw_object(names), broken_rows=broken
        )
    types = ", ".join(f"{quote_text(name)}: 'varchar'" for name in names)
    source = (
        f"read_csv({quote_text(str(file.path))}, columns = {{{types}}}, "
        f"auto_detect = false, header = {str(options.header).lower()}, "
        f"delim = {quote_text(delimiter)}, "
        f"quote = {quote_text(options.quote)}, escape = {quote_text(options.escape)}, "
        f"strict_mode = true, compression = {quote_text(_codec(file))})"
    )
    return Relation(_numbered(source), columns, _raw_object(names))


def _sniff_delimiter(file: RawFile, options: ReaderOptions) -> str:
    """The delimiter that splits the first line into the most fields."""
    if file.format == "tsv":
        return "\t"

    def width(delimiter: str) -> int:
        with open_text(file.path, file.compression, options.encoding) as text:
            first, _ = read_header(text, delimiter, options)
        return len(first.fields) if first and first.fields else 0

    return max(_DELIMITERS, key=width)


def _csv_names(
    file: RawFile, options: ReaderOptions, delimiter: str
) -> tuple[list[str], int]:
    """The names of the columns, and how many lines are before the first record."""
    with open_text(file.path, file.compression, options.encoding) as text:
        record, before = read_header(text, delimiter, options)
    if record is None:
        raise SiyuError("the file has no header line; remove it or export it again")
    if record.fields is None:
        raise SiyuError(_header_problem(record.reason or "it cannot be read"))
    first = record.fields
    if not options.header:
        given = list(options.names or [])
        if given and len(given) != len(first):
            raise SiyuError(
                f"options.names gives {len(given)} names, but the file has "
                f"{len(first)} columns"
            )
        return given or [f"column{index}" for index in range(len(first))], before
    header = [name.strip() or f"column{index}" for index, name in enumerate(first)]
    _assert_fit(header)
    return header, before


def _header_problem(reason: str) -> str:
    if reason.startswith("bytes"):
        reason += (
            "; if the file is from an older Chinese system, set options: "
            "{encoding: gb18030}"
        )
    return f"the header line cannot be read: {reason}"


def _assert_fit(names: list[str]) -> None:
    """Column names must be distinct and must not be reserved."""
    seen: set[str] = set()
    for name in map(str.lower, names):
        is_reserved = name in ROW_COLUMNS or name.startswith("_siyu_")
        if name in seen or is_reserved:
            taken = "is reserved" if is_reserved else "appears twice"
            raise SiyuError(f"the column name '{name}' {taken}; rename it in the file")
        seen.add(name)


def _open_jsonl(
    connection: duckdb.DuckDBPyConnection,
    file: RawFile,
    options: ReaderOptions,
    scratch: Path,
    slow: bool,
    on_rows: Callable[[int], None],
) -> Relation:
    broken_rows = None
    if slow:
        clean, broken_rows = scratch / "clean.parquet", scratch / "broken.parquet"
        with open_text(file.path, file.compression, options.encoding) as text:
            records = line_records(text, options.encoding)
            separate(records, ["_siyu_line"], clean, broken_rows, on_rows)
        lines = f"select * from {read_parquet(clean)}"
    else:
        # A unit separator cannot occur unescaped in JSON: each line is one field.
        lines = _numbered(
            f"read_csv({quote_text(str(file.path))}, "
            "columns = {'_siyu_line': 'varchar'}, auto_detect = false, "
            "header = false, delim = '\x1f', quote = '', "
            f"escape = '', max_line_size = {_LONGEST_LINE}, "
            f"compression = {quote_text(_codec(file))})",
            # The first condition is cheap and true for nearly all lines.
            where="starts_with(_siyu_line, '{') "
            f"or trim(_siyu_line, {quote_text(BLANK)}) <> ''",
        )
    try:
        structure = _json_structure(connection, lines)
    except RecursionError:
        raise SiyuError("its JSON is nested too deeply to be read") from None
    if not structure:
        raise SiyuError(
            "no line of the file is a JSON object with a key; expected one a line"
        )
    literal = quote_text(json.dumps(structure, ensure_ascii=False))
    whole = f"coalesce({_IS_OBJECT}, false)"
    _assert_fit(list(structure))
    sql = (
        f"select _row, _siyu_line, _siyu_object.* from (select _row, _siyu_line, "
        f"case when {whole} then from_json(_siyu_line, {literal}) end as _siyu_object "
        f"from ({lines}))"
    )
    described = connection.execute(f"describe {sql}").fetchall()
    columns = {n: t for n, t, *_ in described if n not in ("_row", "_siyu_line")}
    return Relation(
        sql,
        columns,
        raw="_siyu_line",
        broken=f"case when not {whole} then 'not a JSON object' end",
        broken_rows=broken_rows,
    )


def _json_structure(
    connection: duckdb.DuckDBPyConnection, lines: str
) -> dict[str, object]:
    """The type of each key over the whole file; keys of mixed types are text.

    Of keys that differ only in case, the first names the column.
    """
    query = (
        f"select json_group_structure(_siyu_line::json) from ({lines}) "
        f"where {_IS_OBJECT}"
    )
    try:
        row = connection.execute(query).fetchone()
    except duckdb.InvalidInputException as error:
        raise DamagedTextError(str(error)) from None
    structure = json.loads(row[0]) if row and row[0] else None
    # If all lines are {}, the structure is just the word JSON.
    return _plain_fields(structure, 0) if isinstance(structure, dict) else {}


def _plain_fields(structure: dict[str, object], depth: int) -> dict[str, object]:
    """The types of an object's keys. A key without a name cannot be selected."""
    names = {key.lower(): key for key in reversed(structure) if key}
    return {
        key: _plain_type(value, depth + 1)
        for key, value in structure.items()
        if key and names[key.lower()] == key
    }


def _plain_type(structure: object, depth: int) -> object:
    if depth <= _DEEPEST and isinstance(structure, dict) and any(structure):
        return _plain_fields(structure, depth)
    if depth <= _DEEPEST and isinstance(structure, list):
        return [_plain_type(value, depth + 1) for value in structure]
    is_text = structure in ("JSON", "NULL") or not isinstance(structure, str)
    return "VARCHAR" if is_text else structure


def _open_parquet(connection: duckdb.DuckDBPyConnection, file: RawFile) -> Relation:
    path = quote_text(str(file.path))
    sql = (
        "select file_row_number + 1 as _row, * exclude (file_row_number) "
        f"from read_parquet({path}, file_row_number = true)"
    )
    try:
        described = connection.execute(f"describe {sql}").fetchall()
    except duckdb.Error as error:
        raise SiyuError(f"not a readable Parquet file: {first_line(error)}") from None
    columns = {name: type_ for name, type_, *_ in described[1:]}
    _assert_fit(list(columns))
    return Relation(sql, columns, _raw_object(list(columns)))


def _open_xlsx(
    connection: duckdb.DuckDBPyConnection, file: RawFile, options: ReaderOptions
) -> Relation:
    try:
        frame = pandas.read_excel(
            file.path,
            sheet_name=options.sheet or 0,
            header=0 if options.header else None,
            skiprows=options.skip,
            dtype=str,
            na_filter=False,
        )
    except Exception as error:  # openpyxl raises many kinds for a damaged workbook
        raise SiyuError(f"not a readable xlsx file: {error}") from None
    names = [str(name).strip() for name in frame.columns]
    if not options.header:
        names = list(options.names or [f"column{n}" for n in range(len(names))])
    if len(names) != len(frame.columns):
        raise SiyuError(
            f"options.names gives {len(names)} names, but the sheet has "
            f"{len(frame.columns)} columns"
        )
    _assert_fit(names)
    frame.columns = pandas.Index(names)
    frame.insert(0, "_row", range(1, len(frame) + 1))
    connection.register("_sheet", frame)
    values = ", ".join(f"nullif({quote_name(n)}, '') as {quote_name(n)}" for n in names)
    any_value = " or ".join(f"{quote_name(n)} <> ''" for n in names)
    return Relation(
        f"select _row::bigint as _row, {values} from _sheet where {any_value}",
        dict.fromkeys(names, "varchar"),
        _raw_object(names),
    )


def _numbered(source: str, where: str = "true") -> str:
    return f"select row_number() over () as _row, * from {source} where {where}"


def _raw_object(names: list[str]) -> str:
    pairs = ", ".join(f"{quote_text(name)}: {quote_name(name)}" for name in names)
    return f"to_json({{{pairs}}})::varchar"


def _codec(file: RawFile) -> str:
    return {"": "none", ".gz": "gzip", ".zst": "zstd"}[file.compression]


def first_line(error: Exception) -> str:
    """The first line of a DuckDB message, without its class."""
    return str(error).split("\n")[0].split("Error: ", 1)[-1]


def is_damage(error: Exception) -> bool:
    """Whether a DuckDB error means that a text file breaks its format."""
    text = str(error)
    return isinstance(error, duckdb.InvalidInputException) and (
        "CSV Error" in text or "CSV Parser" in text or "Maximum line size" in text
    )
