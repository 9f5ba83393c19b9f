"""What the last complete build read, and whether the next one can be an increment.

The incremental models keep their rows and add what has landed since. That is correct
only after a complete build under the same code and timezone, and while every load that
it read still exists; otherwise the next build is a full refresh.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb

from pipeline.config.project import PUBLIC_VARS, code_hash
from pipeline.config.settings import Settings
from pipeline.rules.rule_files import effective_rules
from pipeline.storage.build_state import (
    BuildState,
    is_load_gone,
    record_start,
    whole_build,
)
from pipeline.storage.warehouse import Warehouse


@dataclass(frozen=True)
class LastBuild:
    """The build to go on from: its number, its as-of date, and what has changed since.

    ``changed`` names the rule files and variables whose content differs, ``as_of_date``
    if the as-of date has moved back, and ``products`` if a new file changes the
    category or kind of a product. Models whose yml lists one of them in
    ``meta: {starts_afresh_with: …}`` are rebuilt completely.
    """

    build_no: int
    as_of_date: date
    changed: tuple[str, ...] = ()

    def variable(self) -> dict[str, Any]:
        """The value of the dbt variable ``last_build``."""
        return {**asdict(self), "as_of_date": self.as_of_date.isoformat()}


def build_to_go_on_from(settings: Settings, warehouse: Warehouse) -> BuildState | None:
    """The last build if the next one can be an increment of it."""
    last = whole_build(warehouse)
    if last is None or last.basis != _basis(settings) or is_load_gone(warehouse):
        return None
    return last


def begin_build(
    settings: Settings, warehouse: Warehouse, as_of_date: date, run_id: str
) -> LastBuild | None:
    """Record that a build begins; return the one to go on from; None: full refresh.

    If this build is not completed, the next one is a full refresh.
    """
    last, rules = build_to_go_on_from(settings, warehouse), _rules(settings)
    build = BuildState(as_of_date, run_id, _basis(settings), rules)
    if last is None:
        record_start(warehouse, build)
        return None
    record_start(warehouse, build.following(last))
    changed = [name for name, text in rules.items() if last.rules.get(name) != text]
    if as_of_date < last.as_of_date:
        changed.append("as_of_date")
    if _are_products_changed(warehouse):
        changed.append("products")
    return LastBuild(last.build_no, last.as_of_date, tuple(changed))


def _are_products_changed(warehouse: Warehouse) -> bool:
    """Whether a product may differ from the one in the last build's tables.

    Loading an unchanged catalogue again each day does not count as a change.
    """
    with duckdb.connect(str(warehouse.build_database)) as connection:
        row = connection.execute(
            "from landing.products as new semi join landing.files as loads "
            "on new._load_id = loads.load_id and not loads.is_built "
            "anti join marts.dim_product as built "
            "on new.product_id = built.product_id "
            "and new.category is not distinct from built.category "
            "and coalesce(new.is_sample, false) = built.is_sample limit 1"
        ).fetchone()
    return row is not None


def _basis(settings: Settings) -> str:
    return f"{code_hash()} {settings.shop.timezone} {duckdb.__version__}"


def _rules(settings: Settings) -> dict[str, str]:
    """The content of each rule file and variable, as text to compare."""
    files = {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in effective_rules(settings).items()
    }
    return files | {name: str(settings.var(name)) for name in PUBLIC_VARS}
