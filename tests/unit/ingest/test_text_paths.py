"""The fast reader and the careful one give the same rows for well-formed text."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from pathlib import Path

import duckdb
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.config.settings import ReaderOptions
from pipeline.ingest.readers import open_relation
from pipeline.ingest.source_files import RawFile

Table = list[list[str]]

# What breaks readers: quotes, delimiters, newlines, blanks, signs, wide characters.
_CELL = st.text(st.sampled_from("ab0 \"',;\t|\n\r=#\\张🙏é\u2028\u00a0"), max_size=6)
_PACK = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}


@st.composite
def tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(2, 4))
    row = st.lists(_CELL, min_size=width, max_size=width)
    return draw(st.lists(row, max_size=6))


def written(
    rows: Table, delimiter: str, newline: str, *, bom: bool, quoted: bool
) -> bytes:
    """The table as Python's csv writes it, with a header c0, c1, …"""
    buffer = io.StringIO(newline="")
    # Python leaves a lone carriage return unquoted where lines end otherwise.
    quoted = quoted or any("\r" in cell for row in rows for cell in row)
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(
        buffer, delimiter=delimiter, lineterminator=newline, quoting=quoting
    )
    width = len(rows[0]) if rows else 2
    writer.writerow([f"c{n}" for n in range(width)])
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig" if bom else "utf-8")


def read(
    file: RawFile, *, careful: bool, **options: object
) -> list[tuple[object, ...]]:
    """The rows with their numbers; an error here means that text looked damaged."""
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
        relation = open_relation(
            connection,
            file,
            ReaderOptions.model_validate(options),
            Path(scratch),
            careful=careful,
        )
        rows = connection.execute(f"select * from ({relation.sql})").fetchall()
        if relation.broken_rows:
            broken = connection.execute(f"from '{relation.broken_rows}'").fetchall()
            assert broken == []
    return rows


@settings(max_examples=60)
@example([["\ra", "b\r\n"], ["", '"']], ",", "\r\n", True, False, "")
@given(
    tables(),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(list(_PACK)),
)
def test_both_readers_agree_with_what_was_written(
    rows: Table, delimiter: str, newline: str, bom: bool, quoted: bool, packed: str
) -> None:
    content = written(rows, delimiter, newline, bom=bom, quoted=quoted)
    expected = [
        (number, *(cell or None for cell in row)) for number, row in enumerate(rows, 1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"t.csv{packed}"
        path.write_bytes(_PACK[packed](content))
        file = RawFile(path, path.name, "csv", packed)
        assert read(file, careful=False, delimiter=delimiter) == expected
        assert read(file, careful=True, delimiter=delimiter) == expected
