"""Sections of the customer's past: the funnel, and the last label changes."""

from __future__ import annotations

from pipeline.report.explain.conditions import counted
from pipeline.report.explain.labels import called
from pipeline.report.explain.page import Page, Row

_SHOWN_CHANGES = 10
# The steps of the funnel, and the column with the day on which each was passed.
_LINK_DAYS = {
    "exposed": "exposed_on",
    "wecom_added": "wecom_on",
    "group_or_form": "group_or_form_on",
    "member": "member_on",
    "first_order": "first_order_on",
    "second_order": "second_order_on",
    "loyal": "loyal_on",
    "referred": "referred_on",
}
_DIMENSIONS = {
    "aipl_stage": "AIPL",
    "rfm_segment": "RFM",
    "lifecycle_state": "lifecycle",
    "behavior_segment": "behaviour",
    "identity_tier": "identity",
}


def print_chain(page: Page) -> None:
    """The steps passed with their days, the furthest, and the customers referred."""
    row = page.one("customer_chain")
    if row is None:
        return
    links = page.all_rows("dim_chain_link", "order by link_no")
    labels = {x["link"]: called(x["label_en"], x["label_zh"]) for x in links}
    furthest = row["furthest_link"]
    page.section("Chain 链路", labels.get(furthest, furthest))
    passed: dict[str, list[str]] = {}
    for link, column in _LINK_DAYS.items():
        day = "not yet" if row[column] is None else str(row[column])
        passed.setdefault(day, []).append(labels.get(link, link))
    # Days sort before words, so steps not yet passed come last.
    page.facts(
        {day: " · ".join(links) for day, links in sorted(passed.items())}
        | {"brought": _brought(row)}
    )


def _brought(row: Row) -> str | None:
    if not row["referrals"]:
        return None
    brought = counted(row["referrals"], "customer")
    return f"{brought}, of whom {row['converted_referrals']:,} bought"


def print_changes(page: Page) -> None:
    """The last changes of any label, without the openings of the ledger."""
    rest = (
        "and not (from_label = 'none' and dimension <> 'aipl_stage' "
        "and changed_on = coalesce(?, date '0001-01-01')) "
        f"order by changed_on desc, dimension limit {_SHOWN_CHANGES}"
    )
    rows = page.rows("segment_ledger", rest, page.ledger_start)
    if not rows:
        return
    page.section("Last changes 最近变化")
    page.table(
        ("day", "label", "change", "because of"), [_change(page, x) for x in rows]
    )


def _change(page: Page, row: Row) -> tuple[object, ...]:
    dimension = row["dimension"]
    before, after = (
        "none" if name == "none" else page.labels.english(dimension, name)
        for name in (row["from_label"], row["to_label"])
    )
    change = f"{before} → {after}"
    if dimension.startswith("crowd:"):
        change = f"left {before}" if row["to_label"] == "none" else f"joined {after}"
    elif dimension.startswith("scene:"):
        crowd = page.labels.english("crowd", dimension.split(":")[1])
        is_over = row["to_label"] == "none"
        turn = f"{before} ends" if is_over else f"{after} begins"
        change = f"{turn}, as one of {crowd}"
    kind = _DIMENSIONS.get(dimension, dimension.partition(":")[0])
    return row["changed_on"], kind, change, row["cause"]
