"""The data dictionary: every mart, column, type and meaning, from the models' own yml.

``python -m pipeline.transform.dictionary`` prints it as Markdown.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pipeline.config.project import BY_MONTH, PROJECT_DIR

DICTIONARY = PROJECT_DIR / "docs" / "data-dictionary.md"
_INTRODUCTION = """\
# Data dictionary

The published marts, schema `marts` of `siyu.duckdb` and files in `marts/`. Times are
UTC, every `*_date` is a day in the shop's timezone, money is in the shop's currency.
Generated from the models by `make docs`.
"""


def data_dictionary(manifest: Path) -> str:
    """Return the dictionary of the marts in dbt's ``manifest`` as Markdown."""
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    marts = [
        node
        for node in nodes
        if node["resource_type"] == "model" and node["schema"] == "marts"
    ]
    sections = [_section(node) for node in sorted(marts, key=lambda n: n["name"])]
    return "\n".join([_INTRODUCTION, *sections])


def _section(node: dict[str, Any]) -> str:
    rows = "\n".join(
        f"| `{column['name']}` | {column['data_type']} | {_line(column)} |"
        for column in node["columns"].values()
    )
    day = node["config"]["meta"].get(BY_MONTH)
    files = f" A folder of files for each month of `{day}`." if day else ""
    return (
        f"## {node['name']}\n\n{_line(node)}{files}\n\n"
        f"| column | type | meaning |\n|---|---|---|\n{rows}\n"
    )


def _line(described: dict[str, Any]) -> str:
    return " ".join(described["description"].split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(data_dictionary(PROJECT_DIR / "target" / "manifest.json"))
