"""Sections of labels that a customer may have several of: crowds and scenes."""

from __future__ import annotations

from datetime import date

from pipeline.report.explain.conditions import rules_text
from pipeline.report.explain.page import Page


def print_crowds(page: Page) -> None:
    """The crowds, since when, and the conditions that keep the customer in them."""
    rules = page.labels.rows("crowd_rules")
    places = {row.crowd: row.priority for row in reversed(rules)}
    found = page.rows("crowd_membership", "order by crowd")
    found.sort(key=lambda row: places.get(row["crowd"], len(places)))
    if not found:
        return
    page.section("Crowds 人群")
    page.table(
        ("crowd", "since", "holds while"),
        [
            (
                page.labels.label("crowd", row["crowd"]),
                page.since(row["since_date"]),
                rules_text(x for x in rules if x.rule_id == row["cause"])
                or row["cause"],
            )
            for row in found
        ],
    )


def print_scenes(page: Page) -> None:
    """The scenes of the customer, as one of which crowd, since when, by which rule."""
    rules = page.labels.rows("scene_rules")
    # Group scenes that began together by one rule, for several crowds.
    crowds: dict[tuple[str, date, str], list[str]] = {}
    for row in page.rows("crowd_scene", "order by scene, since_date, cause, crowd"):
        stay = (row["scene"], row["since_date"], row["cause"])
        crowds.setdefault(stay, []).append(row["crowd"])
    if not crowds:
        return
    page.section("Scenes 场景")
    page.table(
        ("scene", "as one of", "since", "holds while"),
        [
            (
                page.labels.label("scene", scene),
                ", ".join(page.labels.english("crowd", name) for name in names),
                page.since(since),
                rules_text(row for row in rules if row.rule_id == cause) or cause,
            )
            for (scene, since, cause), names in crowds.items()
        ],
    )
