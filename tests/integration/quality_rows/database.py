"""A small warehouse in which every check holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import chain as chained

import duckdb

from pipeline.config.contract import ENTITIES
from pipeline.quality.model import CheckContext
from pipeline.quality.suites import LANDING, MARTS
from quality_rows import (
    aipl,
    audience,
    chain,
    core,
    crowd,
    journey,
    landing,
    listed,
    outcome,
    rfm,
)
from quality_rows.broken import Broken

AS_OF = CheckContext(as_of=date(2024, 3, 31))
SUITES = {suite.table: suite for suite in (*LANDING, *MARTS)}

# Later ones read tables of earlier ones.
_GROUPS = (landing, core, rfm, aipl, journey, chain, crowd, audience, listed, outcome)

BROKEN: list[Broken] = list(chained.from_iterable(group.BROKEN for group in _GROUPS))


def build(connection: duckdb.DuckDBPyConnection) -> None:
    """Make landing and the marts of valid rows."""
    for statement in _statements():
        connection.execute(statement)


def _statements() -> Iterator[str]:
    yield "create schema landing; create schema intermediate; create schema marts"
    yield (
        "create table landing.files (load_id varchar, source varchar, entity varchar, "
        "file_name varchar, file_order varchar, rows_accepted bigint, is_built boolean)"
    )
    for name, entity in ENTITIES.items():
        columns = ", ".join(f"{c} {t}" for c, t in entity.landed.items())
        yield f"create table landing.{name} ({columns})"
    for group in _GROUPS:
        yield group.BUILT
