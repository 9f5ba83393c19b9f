"""Where the dbt project is, and which of its variables a configuration may set."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PROJECT_DIR = Path(__file__).resolve().parents[2]
PROFILES_DIR = PROJECT_DIR / "dbt_project"
SEEDS_DIR = PROJECT_DIR / "seeds"
# In the meta of a model: its day column, for tables published in parts by month.
BY_MONTH = "publish_by_month"

# Folders of `pipeline/` whose code decides the rows of a build, and those whose code
# decides what is made from these rows.
BUILD_CODE = (
    "config",
    "storage",
    "ingest",
    "rules",
    "transform",
    "measurement",
    "privacy",
    "orchestration/assets",
)
OUTPUT_CODE = ("quality", "publish", "activation")

# Set from elsewhere in the configuration or by the run itself.
_OWN_VARS = {
    "as_of_date",
    "shop_timezone",
    "shop_currency",
    "rule_files",
    "last_build",
    "ledger_opening",
    # Constants that models and Python both read.
    "order_statuses",
    "valid_statuses",
    "passive_events",
    "moments_step_prefix",
}


def dbt_files() -> list[Path]:
    """Every file that dbt's manifest is made from."""
    folders = (PROJECT_DIR / name for name in ("models", "seeds", "dbt_project"))
    found = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return [PROJECT_DIR / "dbt_project.yml", *found]


@cache
def code_hash(*, with_outputs: bool = False) -> str:
    """A hash of the code that decides the rows of a build.

    ``with_outputs`` adds the code that checks, publishes and exports them. The command
    line, the report and the demo shop have no influence on these.
    """
    rooms = BUILD_CODE + (OUTPUT_CODE if with_outputs else ())
    files = dbt_files()
    for room in rooms:
        files += (PROJECT_DIR / "pipeline" / room).rglob("*.py")
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(str(file.relative_to(PROJECT_DIR)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _declared_vars() -> dict[str, Any]:
    text = (PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8")
    declared: dict[str, Any] = yaml.safe_load(text)["vars"]
    return declared


_VARS = _declared_vars()
PUBLIC_VARS = {name: value for name, value in _VARS.items() if name not in _OWN_VARS}
STATUSES: tuple[str, ...] = tuple(_VARS["order_statuses"])
MOMENTS_STEP_PREFIX: str = _VARS["moments_step_prefix"]
# The cause that segment_ledger gives for labels that already held on its first day.
LEDGER_OPENING: str = _VARS["ledger_opening"]
