"""Extracts: how a system of the shop renders clean facts as a series of raw files.

Extracts are declared as data; ``write_extract`` is the one loop that writes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from demo_shop.dirt import Damage, choose_bad_rows
from demo_shop.files import FileFacts, TextForm, write_lines
from demo_shop.season import MONTHS
from demo_shop.store import Store

NEW, UPDATE, REPEAT, FILTERED = "new", "update", "repeat", "filtered"


@dataclass(frozen=True)
class Extract:
    """A series of files of one source.

    ``table`` is a relation of the store with the columns ``file_no`` and ``kind`` (one
    of the constants above); ``line`` is SQL for the text of a row, ``order`` a unique
    order of the rows. ``paths`` are the files, by file number, including those without
    rows. ``forms`` overrides the form of single files.
    """

    source: str
    entity: str
    table: str
    line: str
    order: str
    paths: tuple[str, ...]
    form: TextForm
    forms: dict[int, TextForm] = field(default_factory=dict)
    damage: Damage | None = None


def monthly(pattern: str) -> tuple[str, ...]:
    """Return a path for each month of the shop's life, ``YYYY-MM`` for ``{}``."""
    months = range(MONTHS)
    return tuple(pattern.format(f"{2024 + m // 12}-{m % 12 + 1:02d}") for m in months)


def delimited(*fields: str, delimiter: str = "','") -> str:
    """Return SQL for a line of delimited fields; null is empty."""
    return f"concat({f', {delimiter}, '.join(fields)})"


def count_kinds(store: Store, table: str, files: int) -> list[dict[str, int]]:
    """Return for each file the number of rows of each kind."""
    counts: list[dict[str, int]] = [{} for _ in range(files)]
    for number, kind, rows in store.rows(
        f"select file_no, kind, count(*) from {table} group by all order by all"
    ):
        counts[number][kind] = rows
    return counts


def write_extract(
    store: Store, extract: Extract, out: Path, seed: int
) -> list[FileFacts]:
    """Write the files of an extract below ``out`` and return what they hold."""
    facts = []
    counts = count_kinds(store, extract.table, len(extract.paths))
    for number, path in enumerate(extract.paths):
        lines = store.texts(
            f"select {extract.line} from {extract.table} "
            f"where file_no = {number} order by {extract.order}"
        )
        rows = sum(counts[number].values())
        damage = extract.damage
        bad = write_lines(
            out / path,
            extract.forms.get(number, extract.form),
            lines,
            damage=damage,
            bad=choose_bad_rows(damage, seed, path, rows),
            truncate=damage is not None and number in damage.truncated,
        )
        facts.append(
            FileFacts(path, extract.source, extract.entity, counts[number], bad)
        )
    return facts
