"""What a destination was given today is a contact tomorrow.

Cost: 1 run of a small shop, half a minute on two idle cores.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
from siyu_command import run_shop

# Steps that would still be due on the next day.
LASTING = """
    select touch_id from marts.journey_touches
    where channel = 'wecom' and last_day > as_of_date and decision = ?
"""


def touches(warehouse: Path, query: str, *parameters: str) -> set[str]:
    with duckdb.connect(str(warehouse / "siyu.duckdb"), read_only=True) as marts:
        return {row[0] for row in marts.execute(query, parameters).fetchall()}


def test_a_touch_given_out_is_due_no_more(published_shop: Path) -> None:
    """The shop's destination takes touches in WeCom; all of the rest are still open."""
    warehouse = published_shop.parent / "warehouse"
    sent = touches(warehouse, LASTING, "send")
    put_off = touches(warehouse, LASTING, "defer")
    assert sent
    assert put_off
    run_shop(published_shop, "--as-of", "2025-07-01")
    due = touches(warehouse, "select touch_id from marts.journey_touches")
    assert not sent & due
    assert put_off <= due
