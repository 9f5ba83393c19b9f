"""Why one customer has their labels, on a page for a terminal.

The facts come from the published database, the names and conditions of labels from the
current rule files. Empty sections are left out.
"""

from __future__ import annotations

import duckdb
from rich.console import Console

from pipeline.config.settings import Settings
from pipeline.errors import SiyuError
from pipeline.report.explain.audiences import print_audiences, print_experiments
from pipeline.report.explain.changes import print_chain, print_changes
from pipeline.report.explain.crowds import print_crowds, print_scenes
from pipeline.report.explain.customer import print_customer, print_orders
from pipeline.report.explain.labels import Labels
from pipeline.report.explain.outlook import (
    print_interests,
    print_run_outs,
    print_touches,
)
from pipeline.report.explain.page import Page
from pipeline.report.explain.segments import print_behavior, print_rfm, print_tier
from pipeline.report.explain.stages import print_aipl, print_lifecycle
from pipeline.storage.warehouse import Warehouse

_SECTIONS = (
    print_aipl,
    print_lifecycle,
    print_rfm,
    print_behavior,
    print_tier,
    print_crowds,
    print_scenes,
    print_interests,
    print_chain,
    print_audiences,
    print_experiments,
    print_touches,
    print_run_outs,
    print_changes,
    print_orders,
)


def print_explanation(console: Console, settings: Settings, customer_id: str) -> None:
    """Show a customer's labels: since when, why, and what changes them next.

    Raises ``SiyuError`` if nothing is published, or if the customer is unknown.
    """
    warehouse = Warehouse(settings.warehouse)
    if not warehouse.database.exists():
        raise SiyuError("nothing has been published yet; run `siyu run` first")
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        labels = Labels(settings)
        page = Page(console, connection, labels, settings.shop, customer_id)
        customer = page.one("dim_customer")
        if customer is None:
            raise SiyuError(f"customer '{customer_id}' is unknown in this warehouse")
        print_customer(page, customer)
        for print_section in _SECTIONS:
            print_section(page)
        if labels.unread:
            files = ", ".join(sorted(labels.unread))
            page.line(f"labels of {files} are missing; run `siyu validate` to see why")
