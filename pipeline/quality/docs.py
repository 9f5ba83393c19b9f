"""Data Docs as static pages: those of Great Expectations, and an overview.

The overview is written here because the stock index page is empty without a network: it
fills its table with scripts from other sites. `offline.py` makes the other pages
self-contained. Open `index.html` in any browser; no server is needed.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.quality.model import CheckResult
from pipeline.quality.offline import STYLE, self_contained

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.abstract_data_context import (
        AbstractDataContext,
    )

_WRITTEN = ("expectations", "validations", "static")


def write_docs(
    context: AbstractDataContext,
    docs_dir: Path,
    results: Sequence[CheckResult],
    as_of: date,
) -> None:
    """Write the pages of the validations in ``context`` and an overview of ``results``.

    Pages of an earlier run in ``docs_dir`` are removed; other files there stay.
    """
    docs_dir.mkdir(parents=True, exist_ok=True)
    for folder in _WRITTEN:
        shutil.rmtree(docs_dir / folder, ignore_errors=True)
    context.add_data_docs_site(
        "quality",
        {
            "class_name": "SiteBuilder",
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(docs_dir.resolve()),
            },
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    context.build_data_docs(site_names=["quality"])
    # The self-contained pages do not use these fonts and pictures.
    shutil.rmtree(docs_dir / "static", ignore_errors=True)
    for folder in _WRITTEN:
        for page in (docs_dir / folder).rglob("*.html"):
            page.write_text(
                self_contained(page.read_text(encoding="utf-8")), encoding="utf-8"
            )
    write_overview(docs_dir, results, as_of)


def write_overview(docs_dir: Path, results: Sequence[CheckResult], as_of: date) -> None:
    """Write ``index.html``: every table's checks, and the rows that break them.

    Links go to the Data Docs pages found anywhere below ``docs_dir``, so that one
    overview can cover several runs, each with its own folder.
    """
    docs_dir.mkdir(parents=True, exist_ok=True)
    failed = [result for result in results if not result.passed]
    errors = sum(result.blocks for result in failed)
    verdict = (
        f"{errors} of {len(results)} checks failed and block the publish"
        if errors
        else f"Nothing blocks the publish ({len(results)} checks)"
    )
    if len(failed) > errors:
        verdict += f"; {len(failed) - errors} warned"
    body = [
        f"<h1>Data quality, as of {as_of.isoformat()}</h1>",
        f'<p class="{"bad" if errors else "good"}">{verdict}.</p>',
        *_failures(failed),
        *_tables(docs_dir, results),
    ]
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Data quality</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>"
    )
    (docs_dir / "index.html").write_text(page, encoding="utf-8")


def _failures(failed: Sequence[CheckResult]) -> list[str]:
    """A card for each failure; failures with one reason share a card."""
    if not failed:
        return []
    blocks = ["<h2>What does not hold</h2>"]
    ordered = sorted(failed, key=lambda result: not result.blocks)
    for _, group in groupby(ordered, key=_reason):
        results = list(group)
        first = results[0]
        names = ", ".join(escape(result.name) for result in results)
        expected = "<br>".join(escape(result.expected) for result in results)
        blocks.append(
            f'<section class="card {"bad" if first.blocks else "warned"}">'
            f"<h3>{escape(first.table)} · {names} <small>{first.severity}</small></h3>"
            f"<p>{expected}<br><b>{escape(first.actual)}</b></p>"
            f"{_rows(first)}{_query(first)}</section>"
        )
    return blocks


def _reason(result: CheckResult) -> tuple[str, str, str]:
    # Checks that ran a query have their own rows and query.
    own = result.name if result.sql else ""
    return result.table, result.actual, own


def _rows(result: CheckResult) -> str:
    if not result.worst_offenders:
        return ""
    columns = list(result.worst_offenders[0])
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(str(row.get(c)))}</td>' for c in columns)}</tr>"
        for row in result.worst_offenders
    )
    return f'<div class="wide"><table><tr>{head}</tr>{rows}</table></div>'


def _query(result: CheckResult) -> str:
    if result.sql is None:
        return ""
    return f"<details><summary>SQL</summary><pre>{escape(result.sql)}</pre></details>"


def _tables(docs_dir: Path, results: Sequence[CheckResult]) -> list[str]:
    pages = {
        page.stem: page for page in sorted(docs_dir.rglob("validations/**/*.html"))
    }
    by_table: dict[str, list[CheckResult]] = {}
    for result in results:
        by_table.setdefault(result.table, []).append(result)
    rows = []
    for table, checks in by_table.items():
        errors = sum(check.blocks for check in checks)
        warned = sum(not check.passed for check in checks) - errors
        mark = "bad" if errors else "warned" if warned else "good"
        page = pages.get(f"duckdb-{table}")
        name = escape(table)
        if page is not None:
            link = page.relative_to(docs_dir).as_posix()
            name = f'<a href="{escape(link)}">{name}</a>'
        rows.append(
            f"<tr><td>{name}</td><td>{len(checks)}</td><td>{errors or ''}</td>"
            f'<td>{warned or ""}</td><td class="{mark}">{_WORDS[mark]}</td></tr>'
        )
    head = (
        "<tr><th>table</th><th>checks</th><th>failed</th><th>warned</th><th></th></tr>"
    )
    return ["<h2>Tables</h2>", f"<table>{head}{''.join(rows)}</table>"]


_WORDS = {"bad": "blocks", "warned": "warns", "good": "passes"}
