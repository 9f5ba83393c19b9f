"""References between rule files: names that another file must list.

A shop that replaces a file need not replace the built-in files that name its rows:
their references to names that no longer exist are ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.config.project import SEEDS_DIR
from pipeline.errors import did_you_mean
from pipeline.rules.rows import Rows

Named = Callable[[Any], "str | None"]


@dataclass(frozen=True)
class Reference:
    """A column of a rule file that names rows of another file by a column there.

    ``named`` gives the name that a row refers to, or None if it refers to none.
    """

    file: str
    column: str
    named: Named
    other: str
    other_column: str


def _detail(kind: str, row: Any) -> str | None:
    """The part after the colon of an attribute of this kind."""
    name, _, detail = row.attribute.partition(":")
    return detail if name == kind else None


REFERENCES = (
    Reference(
        "audience_rules", "audience", lambda row: row.audience, "audiences", "audience"
    ),
    Reference("audiences", "play", lambda row: row.play, "plays", "play"),
    Reference(
        "plays",
        "segment",
        lambda row: row.segment if row.segment != "none" else None,
        "behavior_segments",
        "segment",
    ),
    Reference(
        "holdouts",
        "scope_name",
        lambda row: row.scope_name if row.scope == "audience" else None,
        "audiences",
        "audience",
    ),
    *(
        Reference(file, "attribute", partial(_detail, kind), other, column)
        for file in ("scene_rules", "audience_rules")
        for kind, other, column in (
            ("crowd", "crowd_rules", "crowd"),
            ("due", "journey_steps", "journey"),
        )
    ),
)


def check_across(
    rows: Mapping[str, Rows[Any]], files: Mapping[str, Path]
) -> Iterator[str]:
    """List the broken references between rule files, with file and row."""
    for reference in REFERENCES:
        if not _is_left_behind(files, reference.file, reference.other):
            yield from _unknown_names(reference, rows, files)
    if not _is_left_behind(files, "audiences", "audience_rules"):
        yield from _audiences_without_rules(rows, files["audiences"])


def _is_left_behind(files: Mapping[str, Path], name: str, other: str) -> bool:
    """Whether the file is built in but the other one is the shop's own."""
    return files[name].parent == SEEDS_DIR and files[other].parent != SEEDS_DIR


def _unknown_names(
    reference: Reference, rows: Mapping[str, Rows[Any]], files: Mapping[str, Path]
) -> Iterator[str]:
    known = {getattr(row, reference.other_column) for _, row in rows[reference.other]}
    for number, row in rows[reference.file]:
        name = reference.named(row)
        if name is not None and name not in known:
            yield (
                f"{files[reference.file]}: row {number}: {reference.column}: '{name}' "
                f"is not in {files[reference.other].name}.{did_you_mean(name, known)}"
            )


def _audiences_without_rules(
    rows: Mapping[str, Rows[Any]], path: Path
) -> Iterator[str]:
    ruled = {row.audience for _, row in rows["audience_rules"]}
    for number, row in rows["audiences"]:
        if row.enabled and row.audience not in ruled:
            yield (
                f"{path}: row {number}: audience {row.audience} has no rule in "
                "audience_rules.csv, so it would be empty; add one, or set enabled to "
                "false"
            )
