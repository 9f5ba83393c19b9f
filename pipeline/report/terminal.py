"""Pages for a terminal: the end of a run, the previews of sources, the status."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.config.settings import Settings
from pipeline.ingest.preview import LOOKED_AT, Preview
from pipeline.report.deliveries import last_deliveries
from pipeline.report.flow import STAGE_LABELS
from pipeline.storage.load_log import Load, LoadLog, active_loads
from pipeline.storage.version_manifest import read_manifest
from pipeline.storage.warehouse import Warehouse

_STYLES = {"succeeded": "green", "failed": "red", "interrupted": "yellow"}


def print_summary(console: Console, settings: Settings, *, ran: bool = True) -> None:
    """Print the end of a run: what was published and quarantined, and where to look.

    ``ran`` is false if there was nothing to do.
    """
    warehouse = Warehouse(settings.warehouse)
    manifest = read_manifest(warehouse) or {}
    run = LoadLog(warehouse.load_log).runs(1)[0]
    news = f"{run.new_loads} new files loaded, marts published."
    if not ran:
        news = "nothing has changed since the last run, so its marts are current."
    console.print(
        f"[bold]{escape(settings.shop.name)}[/] as of "
        f"[bold]{manifest.get('as_of_date')}[/]: {news}",
        soft_wrap=True,
    )
    console.print(_stage_line(warehouse), markup=False, soft_wrap=True)
    console.print(_segment_table(warehouse))
    quarantined = sum(
        x.rows_quarantined for x in active_loads(settings, LoadLog(warehouse.load_log))
    )
    if quarantined:
        console.print(
            f"[yellow]{quarantined:,} rows[/] are in quarantine, each with its reason."
        )
    places = {
        "database": warehouse.database,
        "marts": warehouse.marts,
        "exports": warehouse.exports,
        "quarantine": warehouse.quarantine if quarantined else None,
        "report": warehouse.report / "index.html",
    }
    for name, path in places.items():
        if path:
            console.print(f"  {name:<11}{path}", markup=False, soft_wrap=True)


def _stage_line(warehouse: Warehouse) -> str:
    """How many customers are in each stage of AIPL, on one line."""
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        counts = dict(
            connection.execute(
                "select stage, count(*) from marts.aipl_stage group by stage"
            ).fetchall()
        )
    parts = [
        f"{en} {zh} {counts.get(stage, 0):,}"
        for stage, (en, zh) in STAGE_LABELS.items()
    ]
    return f"AIPL: {' · '.join(parts)}"


def _segment_table(warehouse: Warehouse) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("segment")
    table.add_column("客群")
    for name in ("customers", "share", "net amount"):
        table.add_column(name, justify="right")
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        rows = connection.execute(
            "select label_en, label_zh, customers, "
            "customers / nullif(sum(customers) over (), 0), monetary "
            "from marts.dim_rfm_segment order by customers desc, segment"
        ).fetchall()
    for label_en, label_zh, customers, share, monetary in rows:
        table.add_row(
            label_en,
            label_zh,
            f"{customers:,}",
            f"{share or 0:.1%}",
            f"{monetary:,.0f}",
        )
    return table


def print_preview(console: Console, preview: Preview) -> None:
    """Print how the first rows of a source map, and the problems with them."""
    console.rule(f"{preview.source} → {preview.entity}", align="left")
    first = f", first {preview.file}" if preview.file else ""
    console.print(f"{preview.files} files{first}", markup=False)
    if preview.rows:
        console.print(_mapped_rows(preview))
    if preview.file:
        console.print(
            f"of the first {LOOKED_AT:,} rows: {preview.accepted:,} accepted, "
            f"{preview.filtered:,} filtered, {preview.rejected:,} rejected"
        )
    for reason in preview.reasons:
        console.print("  rejected", style="yellow", end=" ")
        console.print(reason, markup=False, soft_wrap=True)
    for problem in preview.problems:
        console.print("  wrong", style="red", end=" ")
        console.print(problem, markup=False, soft_wrap=True)


def _mapped_rows(preview: Preview) -> Table:
    """A line for each canonical column: its expression and its first values."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    longest = max(len(name) for name in preview.columns)
    table.add_column("column", min_width=longest)
    table.add_column("from", max_width=32, no_wrap=True, overflow="ellipsis")
    for index in range(len(preview.rows)):
        table.add_column(f"row {index + 1}", max_width=24, no_wrap=True)
    for position, (name, expression) in enumerate(preview.columns.items()):
        values = (_cell(row[position]) for row in preview.rows)
        table.add_row(name, escape(" ".join(expression.split())), *values)
    return table


def _cell(value: Any) -> str:
    return "–" if value is None else escape(str(value))


def print_status(console: Console, settings: Settings) -> None:
    """Print the last runs, freshness and counts of sources, and what is published."""
    warehouse = Warehouse(settings.warehouse)
    if not warehouse.load_log.exists():
        message = f"{warehouse.root}: no run yet. Start one with `siyu run`."
        console.print(message, markup=False)
        return
    load_log = LoadLog(warehouse.load_log)
    manifest = read_manifest(warehouse)
    console.rule("published", align="left")
    if manifest:
        console.print(
            f"as of {manifest['as_of_date']}, version {manifest['version']} "
            f"(at {manifest['published_at']} UTC)"
        )
        counts: Any = manifest["row_counts"]
        console.print(_counts(counts))
    else:
        console.print("nothing yet")
    console.rule("sources", align="left")
    console.print(_sources(settings, active_loads(settings, load_log)))
    if settings.destinations:
        console.rule("last deliveries", align="left")
        console.print(last_deliveries(settings))
    console.rule("last runs", align="left")
    console.print(_runs(load_log))


def _counts(counts: dict[str, int]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, rows in counts.items():
        table.add_row(name, f"{rows:,}")
    return table


def _sources(settings: Settings, loads: list[Load]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("source", "entity", "newest fact"):
        table.add_column(name)
    for name in ("files", "accepted", "quarantined", "filtered"):
        table.add_column(name, justify="right")
    for source in settings.sources:
        own = [load for load in loads if load.source == source.name]
        days: list[date] = [day for load in own for day in load.days]
        table.add_row(
            source.name,
            source.entity,
            str(max(days)) if days else "–",
            f"{len(own):,}",
            f"{sum(load.rows_accepted for load in own):,}",
            f"{sum(load.rows_quarantined for load in own):,}",
            f"{sum(load.rows_filtered for load in own):,}",
        )
    return table


def _runs(load_log: LoadLog) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("started (UTC)", "as of", "took", "files", "result", ""):
        table.add_column(name)
    for run in load_log.runs():
        took = run.finished_at - run.started_at if run.finished_at else "–"
        style = _STYLES.get(run.status, "")
        table.add_row(
            f"{run.started_at:%Y-%m-%d %H:%M:%S}",
            str(run.as_of_date or "–"),
            str(took),
            str(run.new_loads),
            f"[{style}]{run.status}[/]" if style else run.status,
            escape((run.message or "").split("\n")[0][:80]),
        )
    return table
