"""What an export gave to one destination, or would give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Counts:
    """Members of a list by change; for a step, the touches to deliver."""

    add: int = 0
    update: int = 0
    remove: int = 0
    same: int = 0

    @property
    def changed(self) -> int:
        """All but the unchanged ones."""
        return self.add + self.update + self.remove

    @staticmethod
    def sum(counts: Iterable[Counts]) -> Counts:
        """The counts of several lists together."""
        every = [asdict(each) for each in counts]
        return Counts(**{k: sum(c[k] for c in every) for k in asdict(Counts())})


@dataclass(frozen=True)
class Delivery:
    """What a destination gets: counts by list; ``note`` says why it gets nothing.

    ``left_out`` counts recipients that cannot be sent, by reason. ``folder`` is where
    the files are, or None if none were written.
    """

    destination: str
    as_of_date: date
    counts: dict[str, Counts] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    note: str | None = None
    folder: Path | None = None

    @property
    def total(self) -> Counts:
        """The counts of all lists together."""
        return Counts.sum(self.counts.values())
