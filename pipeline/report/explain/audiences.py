"""Sections of the customer's audiences, holdouts and experiments."""

from __future__ import annotations

from pipeline.report.explain.conditions import rules_text
from pipeline.report.explain.page import Page


def print_audiences(page: Page) -> None:
    """The audiences, since when, their conditions, and any holdouts.

    Each holdout is named once below the table, with its label.
    """
    labels = page.labels
    places = {row.audience: place for place, row in enumerate(labels.rows("audiences"))}
    found = page.rows("audience_members", "order by audience")
    found.sort(key=lambda row: places.get(row["audience"], len(places)))
    if not found:
        return
    page.section("Audiences 营销人群")
    page.table(
        ("audience", "since", "holds while", "held out by"),
        [
            (
                labels.label("audience", row["audience"]),
                page.since(row["since_date"]),
                _rule(page, row["cause"]),
                row["holdout"],
            )
            for row in found
        ],
    )
    for holdout in sorted({row["holdout"] for row in found if row["is_held_out"]}):
        page.line(f"held out by {labels.both('holdout', holdout)}")


def print_experiments(page: Page) -> None:
    """The arm in each experiment and holdout, the latest first."""
    found = page.rows("experiment_assignment", "order by assigned_on desc, experiment")
    if not found:
        return
    page.section("Experiments 实验")
    page.table(
        ("experiment", "arm", "since", "drawn by"),
        [
            (
                page.labels.label("holdout", row["experiment"]),
                row["arm"],
                row["assigned_on"],
                row["assigned_by"],
            )
            for row in found
        ],
    )


def _rule(page: Page, cause: str) -> str:
    rules = page.labels.rows("audience_rules")
    return rules_text(row for row in rules if row.rule_id == cause) or cause
