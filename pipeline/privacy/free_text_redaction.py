"""Redacting a person in other customers' rows of landing, and in rejected rows.

Tombstones find a person's own rows and referrals. A mention in a remark or an attribute
of another customer is found by the identifier itself, which is known only while the
person is being forgotten.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb

from pipeline.privacy.person import Person
from pipeline.privacy.search import columns_of, find_person
from pipeline.storage.atomic_files import replace_file
from pipeline.storage.load_log import LoadLog
from pipeline.storage.quoting import quote_name, quote_text, read_parquet
from pipeline.storage.warehouse import Warehouse

_INSTEAD = r"\1[forgotten]\3"


def redact_free_text(
    warehouse: Warehouse, load_log: LoadLog, person: Person
) -> Counter[str]:
    """Redact mentions in landing, remove rejected rows; return counts by folder."""
    removed = Counter[str]()
    held = find_person(warehouse.landing, person)
    held |= find_person(warehouse.quarantine, person)
    if not held:
        return removed
    with duckdb.connect() as connection:
        for load in load_log.loads():
            name = f"{load.load_id}.parquet"
            landed = warehouse.landing / load.entity / name
            if places := held.get(landed):
                columns = columns_of(connection, read_parquet(landed))
                query = (
                    f"select {_cleaned(columns, person)} from {read_parquet(landed)}"
                )
                _rewrite(connection, warehouse, landed, query)
                removed[f"landing/{load.entity}, as mentioned"] += places
            rejected = warehouse.quarantine / load.entity / name
            if places := held.get(rejected):
                columns = columns_of(connection, read_parquet(rejected))
                others = f"not {person.found_in(columns)}"
                query = f"from {read_parquet(rejected)} where {others}"
                kept = load.rows_quarantined - places
                load_log.recount(load.load_id, load.rows_accepted, kept, load.days)
                _rewrite(connection, warehouse, rejected, query)
                removed[f"quarantine/{load.entity}"] += places
    return removed


def _cleaned(columns: dict[str, str], person: Person) -> str:
    """SQL for the columns, with the person's identifiers redacted."""
    if person.pattern is None:
        return "*"
    pattern, instead = quote_text(person.pattern), quote_text(_INSTEAD)
    changes = []
    for name, sql_type in columns.items():
        if sql_type == "VARCHAR":
            column = quote_name(name)
            # Twice, since two of them may share the blank between them.
            once = f"regexp_replace({column}, {pattern}, {instead}, 'g')"
            twice = f"regexp_replace({once}, {pattern}, {instead}, 'g')"
            changes.append(f"{twice} as {column}")
    return f"* replace ({', '.join(changes)})"


def _rewrite(
    connection: duckdb.DuckDBPyConnection, warehouse: Warehouse, file: Path, query: str
) -> None:
    aside = warehouse.scratch / f"cleaned-{file.name}"
    connection.execute(
        f"copy ({query}) to {quote_text(str(aside))} (format parquet, compression zstd)"
    )
    replace_file(aside, file)
