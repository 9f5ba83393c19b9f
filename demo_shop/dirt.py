"""Damage to text rows: the kinds of bad rows that real extracts hold.

A bad row is a damaged copy next to the good one (an exporter that failed and tried
again), so that no fact is lost and the clean tables remain the truth.
"""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

# At most one row in this many is bad, and at most this many in a file.
_ROWS_PER_BAD_ROW = 150
_MOST = 5

NUMBER, TIME, BOUNDS, MISSING = "number", "time", "bounds", "missing"
BOOLEAN, FEW_FIELDS, MANY_FIELDS = "boolean", "few_fields", "many_fields"
TRUNCATED = "truncated"

# What the names in ``truth.json`` mean.
REASONS = {
    NUMBER: "text instead of a number",
    TIME: "a day that does not exist",
    BOUNDS: "a time outside 1990 to 2100",
    MISSING: "a required value is missing",
    BOOLEAN: "neither true nor false",
    FEW_FIELDS: "too few fields",
    MANY_FIELDS: "too many fields",
    TRUNCATED: "the last row, broken off",
}
_SPOILT = {
    NUMBER: "一百二十",
    TIME: "2024-02-30 10:11:12",
    # How a spreadsheet writes an empty date.
    BOUNDS: "1899-12-31 00:00:00",
    MISSING: "",
    BOOLEAN: "maybe",
}


@dataclass(frozen=True)
class BadRow:
    """The place of a bad row (1-based in the file) and its damage."""

    row: int
    reason: str


@dataclass(frozen=True)
class CsvDamage:
    """What may go wrong in one kind of csv file.

    ``fields`` gives for each kind of damage to a value the position of its field;
    ``certain`` the values that a damaged copy always has; ``truncated`` the numbers of
    the files with a truncated last row.
    """

    fields: dict[str, int]
    delimiter: str = ","
    certain: dict[int, str] = field(default_factory=dict)
    truncated: frozenset[int] = frozenset()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind of damage to whole rows that such a file can have."""
        return (*self.fields, FEW_FIELDS, MANY_FIELDS)

    def spoil(self, line: str, kind: str) -> str:
        """Return a damaged copy of a line."""
        row = next(csv.reader(io.StringIO(line), delimiter=self.delimiter))
        for position, value in self.certain.items():
            row[position] = value
        if kind == FEW_FIELDS:
            row = row[:-2]
        elif kind == MANY_FIELDS:
            row = [*row, "?", ""]
        else:
            row[self.fields[kind]] = _SPOILT[kind]
        return self._join(row)

    def cut(self, line: str) -> str:
        """Return the first half of a line, without quotes at its end."""
        row = next(csv.reader(io.StringIO(line), delimiter=self.delimiter))
        kept = row[: len(row) // 2]
        kept[-1] = kept[-1][: len(kept[-1]) // 2]
        return self._join(kept)

    def _join(self, row: list[str]) -> str:
        text = io.StringIO()
        csv.writer(text, delimiter=self.delimiter, lineterminator="\n").writerow(row)
        return text.getvalue()[:-1]


@dataclass(frozen=True)
class JsonDamage:
    """What may go wrong in one kind of jsonl file; ``fields`` gives the keys."""

    fields: dict[str, str]
    truncated: frozenset[int] = frozenset()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind of damage to whole rows that such a file can have."""
        return tuple(self.fields)

    def spoil(self, line: str, kind: str) -> str:
        """Return a damaged copy of a line."""
        row = json.loads(line)
        row[self.fields[kind]] = 0 if kind == BOUNDS else None
        return json.dumps(row, ensure_ascii=False, separators=(",", ":"))

    def cut(self, line: str) -> str:
        """Return the first half of a line."""
        return line[: len(line) // 2]


Damage = CsvDamage | JsonDamage


def choose_bad_rows(
    damage: Damage | None, seed: int, name: str, rows: int
) -> dict[int, str]:
    """Choose the good rows (0-based) that a damaged copy follows, and its kind."""
    count = min(_MOST, rows // _ROWS_PER_BAD_ROW)
    if damage is None or not count or not damage.kinds:
        return {}
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    places = sorted(rng.choice(rows, count, replace=False).tolist())
    start = int(rng.integers(len(damage.kinds)))
    return {
        place: damage.kinds[(start + step) % len(damage.kinds)]
        for step, place in enumerate(places)
    }


def spoil_batch(
    lines: list[str],
    offset: int,
    bad: dict[int, str],
    spoil: Callable[[str, str], str],
    found: list[BadRow],
) -> list[str]:
    """Return a batch of lines with damaged copies, and record these in ``found``.

    ``offset`` is the number of good rows in the batches before this one.
    """
    places = [place for place in bad if offset <= place < offset + len(lines)]
    if not places:
        return lines
    result: list[str] = []
    last = 0
    for place in places:
        here = place - offset + 1
        result += lines[last:here]
        result.append(spoil(lines[here - 1], bad[place]))
        found.append(BadRow(place + len(found) + 2, bad[place]))
        last = here
    return result + lines[last:]
