"""Files outside the warehouse that still hold a person; only the shop may change them.

They are the shop's own raw files, and deliveries to folders outside the warehouse.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipeline.config.settings import Settings, Source
from pipeline.errors import SiyuError
from pipeline.ingest.late_arriving import person_keys
from pipeline.ingest.load import ingest_connection, open_file
from pipeline.ingest.readers import Relation, is_damage, open_relation
from pipeline.ingest.source_files import RawFile, find_files
from pipeline.privacy.person import Person
from pipeline.privacy.search import find_person
from pipeline.storage.quoting import quote_name, quote_text, read_parquet
from pipeline.storage.warehouse import Warehouse


def raw_files_with(
    settings: Settings, warehouse: Warehouse, person: Person
) -> dict[str, int]:
    """Names of raw files that hold the person, with the number of rows.

    Names are relative to the configuration. A file that cannot be read is listed with 0
    rows, because somebody has to look at it.
    """
    found = {}
    with ingest_connection(warehouse) as connection:
        for source in settings.sources:
            for file in find_files(settings, source):
                with TemporaryDirectory(dir=warehouse.scratch) as scratch:
                    try:
                        rows = _rows(connection, source, file, Path(scratch), person)
                    except (SiyuError, duckdb.Error):
                        found[file.name] = 0
                        continue
                if rows:
                    found[file.name] = rows
    return found


def delivered_files_with(settings: Settings, person: Person) -> dict[str, int]:
    """Files in the folders of destinations, named as by `raw_files_with`."""
    found = {}
    for destination in settings.destinations:
        if destination.folder:
            folder = settings.folder / destination.folder
            for file, places in find_person(folder, person).items():
                name = Path(os.path.relpath(file, settings.folder)).as_posix()
                found[name] = places
    return found


def _rows(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    file: RawFile,
    scratch: Path,
    person: Person,
) -> int:
    relation = open_file(connection, file, source.options, scratch)
    try:
        return _rows_in(connection, source, relation, person)
    except duckdb.Error as error:
        if not is_damage(error):
            raise
    careful = open_relation(connection, file, source.options, scratch, careful=True)
    return _rows_in(connection, source, careful, person)


def _rows_in(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    relation: Relation,
    person: Person,
) -> int:
    keys = person_keys(source)
    # In the columns that the mapping names, a customer's id may be of any type.
    ids = [name for name in relation.columns if f"'{name.lower()}'" in keys]
    exact = " or ".join(
        f"cast({quote_name(name)} as varchar) = {quote_text(person.customer_id)}"
        for name in ids
    )
    holds = person.found_in(relation.columns)
    rows = _count(connection, f"({relation.sql})", f"{holds} or {exact or 'false'}")
    if relation.broken_rows:
        broken = read_parquet(relation.broken_rows)
        rows += _count(connection, broken, person.found_in({"raw": "VARCHAR"}))
    return rows


def _count(connection: duckdb.DuckDBPyConnection, source: str, condition: str) -> int:
    query = f"select count(*) from {source} where {condition}"
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
