"""What people read: values are shown as they are, and none that broke a contract."""

from __future__ import annotations

import pytest
from support.shops import ORDER_HEADER, Shop

from pipeline.report.build import _quarantine


@pytest.mark.parametrize("secret", ["138-0013-8000", "it's 138", "138\n0", "a' b 138"])
def test_the_report_shows_reasons_without_values(shop: Shop, secret: str) -> None:
    """A phone number in the wrong column must not end on a page for everybody."""
    cell = '"' + secret + '"'
    rows = f"1,c,2024-01-01,{cell}\n2,c,{cell},5\n3,c,{cell},{cell}\n"
    shop.source(max_bad_share=1).write("orders.csv", ORDER_HEADER + rows)
    shop.ingest()
    reasons = [row["reason"] for row in _quarantine(shop.warehouse)]
    assert len(reasons) == 3
    assert not any("138" in reason for reason in reasons), reasons
    assert any(r.startswith("amount: a value is not an amount") for r in reasons)


def test_the_example_of_a_reason_is_the_first(shop: Shop) -> None:
    rows = "1,c,2024-01-01,x\n2,c,2024-01-01,y\n"
    shop.source(max_bad_share=1).write("orders.csv", ORDER_HEADER + rows)
    shop.ingest()
    (row,) = _quarantine(shop.warehouse)
    assert (row["rows"], row["file"], row["row"]) == (2, "orders.csv", 1)
