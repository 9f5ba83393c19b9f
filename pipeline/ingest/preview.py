"""How the first rows of each source would map, without loading anything."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from pipeline.config.settings import Settings, Source
from pipeline.errors import SiyuError
from pipeline.ingest.expressions import is_bare_name, parse_expression
from pipeline.ingest.load import open_file
from pipeline.ingest.mapping import (
    BoundMapping,
    bind_mapping,
    source_mapping,
    stage_sql,
)
from pipeline.ingest.readers import Relation, first_line, is_damage, open_relation
from pipeline.ingest.source_files import RawFile, find_files, missing_files_message
from pipeline.storage.quoting import quote_name

LOOKED_AT = 1_000
_SHOWN_ROWS = 3
_SHOWN_PROBLEMS = 5


@dataclass
class Preview:
    """The first accepted rows of a source, and its problems.

    ``columns`` maps canonical names to the expressions that they come from.
    ``rejected`` counts bad rows among the first ``LOOKED_AT``; ``problems`` are those
    of the mapping or of whole files.
    """

    source: str
    entity: str
    files: int = 0
    file: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    accepted: int = 0
    filtered: int = 0
    rejected: int = 0
    reasons: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def preview_sources(settings: Settings) -> Iterator[Preview]:
    """Preview each source: rows of its first file, and the columns of every file."""
    for source in settings.sources:
        preview = Preview(source.name, source.entity)
        try:
            preview.problems += broken_expressions(source)
            files = find_files(settings, source)
            if not files:
                preview.problems.append(missing_files_message(settings, source))
            preview.files = len(files)
            if not preview.problems:
                _look(settings, source, files, preview)
        except SiyuError as error:
            preview.problems.append(str(error))
        yield preview


def broken_expressions(source: Source) -> list[str]:
    """The mistakes in the source's expressions that do not depend on its files."""
    places = {f"columns.{name}": text for name, text in (source.columns or {}).items()}
    if source.where:
        places["where"] = source.where
    problems = []
    for place, text in places.items():
        try:
            # A bare name may be a column, even if SQL has another meaning for it.
            if not is_bare_name(text):
                parse_expression(text)
        except SiyuError as error:
            problems.append(f"source '{source.name}': {place}: {error}")
    return problems


def _look(
    settings: Settings, source: Source, files: list[RawFile], preview: Preview
) -> None:
    for index, file in enumerate(files):
        # One file at a time, since readers use the same names in their scratch folder.
        with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            looked = _Looked(connection, settings, source, file, Path(scratch))
            try:
                if index:
                    looked.bind()
                else:
                    looked.show(preview)
            except SiyuError as error:
                preview.problems.append(f"{file.name}: {error}")
            except duckdb.Error as error:
                problem = f"{file.name}: cannot be read: {first_line(error)}"
                preview.problems.append(problem)


@dataclass(frozen=True)
class _Looked:
    """One previewed file."""

    connection: duckdb.DuckDBPyConnection
    settings: Settings
    source: Source
    file: RawFile
    scratch: Path

    def bind(self, *, careful: bool = False) -> tuple[BoundMapping, Relation]:
        place = (self.connection, self.file, self.source.options, self.scratch)
        relation = open_relation(*place, careful=True) if careful else open_file(*place)
        mapping = source_mapping(self.settings, self.source)
        return bind_mapping(mapping, relation), relation

    def show(self, preview: Preview) -> None:
        """Fill in the preview; if the text is damaged, with the careful reader."""
        preview.file = self.file.name
        try:
            bound, relation = self.bind()
            self._fill(bound, relation, preview)
        except duckdb.Error as error:
            if not is_damage(error):
                raise
            bound, relation = self.bind(careful=True)
            self._fill(bound, relation, preview)
            _add_broken(self.connection, relation.broken_rows, preview)

    def _fill(self, bound: BoundMapping, relation: Relation, preview: Preview) -> None:
        head = f"select * from ({relation.sql}) limit {LOOKED_AT}"
        query = stage_sql(bound, replace(relation, sql=head), self.file.name)
        _fill(self.connection, query, bound, preview)


def _fill(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    bound: BoundMapping,
    preview: Preview,
) -> None:
    connection.execute(f"create temp table stage as {query}")
    counts = dict(
        connection.execute("select _state, count(*) from stage group by 1").fetchall()
    )
    preview.accepted = counts.get("accepted", 0)
    preview.filtered = counts.get("filtered", 0)
    preview.rejected = counts.get("rejected", 0)
    preview.columns = {name: one.text for name, one in bound.columns.items()}
    listed = ", ".join(quote_name(name) for name in preview.columns)
    preview.rows = connection.execute(
        f"select {listed} from stage where _state = 'accepted' limit {_SHOWN_ROWS}"
    ).fetchall()
    preview.reasons = [
        f"row {row}: {reasons}"
        for row, reasons in connection.execute(
            "select _row, _reasons from stage where _state = 'rejected' "
            f"order by _row limit {_SHOWN_PROBLEMS}"
        ).fetchall()
    ]


def _add_broken(
    connection: duckdb.DuckDBPyConnection, broken: Path | None, preview: Preview
) -> None:
    if broken is None:
        return
    rows = connection.execute(
        "select _row, reason from read_parquet(?) where _row <= ? order by _row",
        [str(broken), LOOKED_AT],
    ).fetchall()
    preview.rejected += len(rows)
    preview.reasons += [
        f"row {row}: {reason}" for row, reason in rows[:_SHOWN_PROBLEMS]
    ]
