"""Exports as a terminal shows them."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console
from support.published import publish_by_hand, shop_with

from pipeline.activation.deliver import export_published, plan
from pipeline.report.deliveries import last_deliveries, print_deliveries

TAGS = {"name": "tags", "audiences": ["*"], "columns": {"id": "customer_id"}}


def console() -> Console:
    return Console(file=io.StringIO(), width=200, highlight=False)


def text_of(console: Console) -> str:
    file = console.file
    assert isinstance(file, io.StringIO)
    return " ".join(file.getvalue().split())


def test_a_plan_an_export_and_its_repeat(tmp_path: Path) -> None:
    settings = shop_with(tmp_path, TAGS)
    publish_by_hand(settings.warehouse, members=[("new", "a"), ("new", "b")])
    shown = []
    for do, is_plan in ((plan, True), (export_published, False), (plan, True)):
        out = console()
        print_deliveries(out, do(settings), is_plan=is_plan)
        shown.append(text_of(out))
    assert "tags new 2 0 0 0 tags: would deliver 2 changes as of 2025-06" in shown[0]
    assert f"tags: 2 changes as of 2025-06-30 → {settings.warehouse}" in shown[1]
    assert "tags new 0 0 0 2 tags: nothing to deliver: nothing has changed" in shown[2]


def test_a_shop_without_destinations_is_told_so(tmp_path: Path) -> None:
    out = console()
    print_deliveries(out, plan(shop_with(tmp_path)), is_plan=True)
    assert text_of(out) == "The configuration has no destinations."


def test_the_last_delivery_of_each_destination(tmp_path: Path) -> None:
    settings = shop_with(tmp_path, TAGS, {**TAGS, "name": "never"})
    publish_by_hand(settings.warehouse, members=[("new", "a")])
    export_published(settings, ["tags"])
    out = console()
    out.print(last_deliveries(settings))
    assert "tags 1 2025-06-30 1 0 0 0" in text_of(out)
    assert "never – – – – – –" in text_of(out)
