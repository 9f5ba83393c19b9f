"""Sections of labels that a customer has one of: RFM, behaviour segment, tier."""

from __future__ import annotations

from typing import Any

from pipeline.config.project import LEDGER_OPENING
from pipeline.report.explain.conditions import counted, rules_text, thresholds_text
from pipeline.report.explain.labels import named
from pipeline.report.explain.page import Page, Row

# A metric, its column, its unit (none: money) and the direction of a better score.
_METRICS = (
    ("recency", "recency_days", "day", "fewer"),
    ("frequency", "frequency", "order", "more"),
    ("monetary", "monetary", "", "more"),
)


def print_rfm(page: Page) -> None:
    """The scores, the reasons for them, and what would raise each."""
    scores = page.one("rfm_scores")
    if scores is None:
        page.section("RFM")
        page.line("no valid order in the window, so no scores")
        return
    segment = scores["rfm_segment"]
    known = page.all_rows("dim_rfm_segment", "where segment = ?", segment)
    labels = (known[0]["label_en"], known[0]["label_zh"]) if known else (None, None)
    page.section("RFM", named(segment, *labels))
    page.facts(
        {
            **_since_and_cause(page, "rfm_segment", segment),
            "value tier": scores["value_tier"],
            "class": page.labels.both("rfm_class", scores["rfm_class"]),
        }
    )
    page.table(
        ("metric", "value", "score", "because of the cut points", "a better score"),
        [_metric(page, scores, *metric) for metric in _METRICS],
    )


def _metric(
    page: Page, scores: Row, metric: str, column: str, unit: str, direction: str
) -> tuple[object, ...]:
    def amount(number: Any) -> str:
        return counted(number, unit) if unit else f"{number:,} {page.shop.currency}"

    cuts = page.all_rows("rfm_thresholds", "where metric = ? order by cut", metric)
    listed = ", ".join(f"{cut['threshold']:,.6g}" for cut in cuts)
    method = cuts[0]["method"] if cuts else "–"
    step = scores[f"{column}_to_next_score"]
    return (
        metric,
        amount(scores[column]),
        f"{scores[f'{metric[0]}_score']} of 5",
        f"{listed} ({method})",
        None if step is None else f"{amount(step)} {direction}",
    )


def print_behavior(page: Page) -> None:
    """The behaviour segment, and the segments that take precedence over it."""
    found = page.one("behavior_segment")
    if found is None:
        return
    segment = found["segment"]
    rows = sorted(page.labels.rows("behavior_segments"), key=lambda row: row.priority)
    own = next((row for row in rows if row.segment == segment), None)
    label = page.labels.both("behavior_segment", segment)
    title = "in no segment 无分层" if segment == "none" else label
    page.section("Behaviour 行为分层", title)
    page.facts(
        {
            **_since_and_cause(page, "behavior_segment", segment),
            "holds while": thresholds_text(own) if own else None,
        }
    )
    before = (
        rows if own is None else [row for row in rows if row.priority < own.priority]
    )
    orders = (page.one("dim_customer") or {}).get("valid_orders") or 0
    page.table(
        ("goes first" if own else "would be", "with"),
        [
            (page.labels.label("behavior_segment", row.segment), thresholds_text(row))
            for row in before
            # The number of orders never falls.
            if row.max_orders is None or row.max_orders >= orders
        ],
    )


def print_tier(page: Page) -> None:
    """The identity tier, its rule, and what leads to higher tiers."""
    found = page.one("identity_tier")
    if found is None:
        return
    tier, points = found["tier"], found["contribution_points"]
    rows = page.labels.rows("identity_tiers")
    label = page.labels.both("identity_tier", tier)
    page.section("Identity 身份", "none 无" if tier == "none" else label)
    change = page.last_change("identity_tier")
    own = [row for row in rows if row.rule_id == found["cause"]]
    rule = f"{found['cause']}: {rules_text(own)}" if own else found["cause"]
    page.facts(
        {
            "since": page.since(change["changed_on"]) if change else None,
            "because of": rule,
            "points": f"{points:,}" if points else None,
        }
    )
    place = min((row.priority for row in own), default=None)
    above = [row for row in rows if place is None or row.priority < place]
    page.table(
        ("tiers above", "with"),
        [
            (page.labels.label("identity_tier", name), _way_to(above, name, points))
            for name in dict.fromkeys(row.tier for row in above if row.tier != tier)
        ],
    )


def _way_to(rows: list[Any], tier: str, points: int) -> str:
    """The rules of a tier, and the number of missing points."""
    own = [row for row in rows if row.tier == tier]
    wanted = [
        float(row.value)
        for row in own
        if row.attribute == "contribution_points" and row.operator == ">="
    ]
    missing = min(wanted) - points if wanted else 0
    more = f" ({missing:,g} points more)" if missing > 0 else ""
    return rules_text(own) + more


def _since_and_cause(page: Page, dimension: str, label: str) -> dict[str, object]:
    """Since when and why, from the ledger, without a cause that is just the name."""
    change = page.last_change(dimension)
    if change is None and label == "none":
        return {"since": page.since(page.ledger_start) if page.ledger_start else None}
    if change is None or change["to_label"] != label:
        return {}
    cause = change["cause"] if change["cause"] not in (LEDGER_OPENING, label) else None
    return {"since": page.since(change["changed_on"]), "because of": cause}
