"""Printing deliveries on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich.console import Console
from rich.table import Table

from pipeline.activation.delivery import Counts, Delivery
from pipeline.config.settings import Settings
from pipeline.storage.delivery_log import last_manifest
from pipeline.storage.warehouse import Warehouse


def print_deliveries(
    console: Console, deliveries: Sequence[Delivery], *, is_plan: bool
) -> None:
    """Print a line for each list of each destination, and where the files are."""
    if not deliveries:
        console.print("The configuration has no destinations.")
        return
    table = _table("destination", "list", "add", "update", "remove", "same")
    for delivery in deliveries:
        for name, counts in delivery.counts.items():
            table.add_row(delivery.destination, name, *_numbers(counts))
    if table.row_count:
        console.print(table)
    for delivery in deliveries:
        text = f"{delivery.destination}: {_outcome(delivery, is_plan)}"
        console.print(text, markup=False, soft_wrap=True)


def last_deliveries(settings: Settings) -> Table:
    """The last delivery of each destination."""
    table = _table("destination", "number", "as of", "add", "update", "remove", "same")
    warehouse = Warehouse(settings.warehouse)
    for destination in settings.destinations:
        manifest = last_manifest(warehouse, destination.name)
        if manifest is None:
            table.add_row(destination.name, "–", "–", *"––––")
            continue
        total = Counts.sum(Counts(**each) for each in manifest["changes"].values())
        number, day = str(manifest["number"]), str(manifest["as_of_date"])
        table.add_row(destination.name, number, day, *_numbers(total))
    return table


def _outcome(delivery: Delivery, is_plan: bool) -> str:
    left_out = sum(delivery.left_out.values())
    more = f" ({left_out:,} left out without an identifier)" if left_out else ""
    if delivery.note:
        return f"nothing to deliver: {delivery.note}{more}"
    changes = f"{delivery.total.changed:,} changes as of {delivery.as_of_date}{more}"
    return f"would deliver {changes}" if is_plan else f"{changes} → {delivery.folder}"


def _numbers(counts: Counts) -> list[str]:
    each = (counts.add, counts.update, counts.remove, counts.same)
    return [f"{number:,}" for number in each]


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in names:
        is_number = name in ("number", "add", "update", "remove", "same")
        justify: Literal["left", "right"] = "right" if is_number else "left"
        table.add_column(name, justify=justify, overflow="fold")
    return table
