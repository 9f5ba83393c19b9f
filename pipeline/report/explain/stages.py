"""Sections of labels that lapse with time: the AIPL stage and lifecycle state."""

from __future__ import annotations

from datetime import timedelta

from pipeline.report.explain.labels import named
from pipeline.report.explain.page import Page, Row
from pipeline.report.flow import NO_STAGE, STAGE_LABELS

_SHOWN_STAYS = 3
_SHOWN_RULES = 6


def print_aipl(page: Page) -> None:
    """The AIPL stage, why and until when, what raises it, and earlier stays."""
    stage = page.one("aipl_stage")
    if stage is None:
        return
    both = page.labels.both
    page.section("AIPL", both("aipl_stage", stage["stage"]))
    lapses = (
        f"from {stage['lapses_on']} on {both('aipl_stage', stage['lapses_to'])}, "
        "unless something happens"
    )
    page.facts(
        {
            "since": stage["since_date"] or "the beginning",
            "because of": _with_label(page, stage["cause"]),
            "next": lapses if stage["lapses_on"] else None,
            "rises with": _rises_with(page, stage["stage"]),
            "play": _play(page, stage),
        }
    )
    _print_stays(page)


def _with_label(page: Page, cause: str | None) -> str:
    """The cause, with the label of the rule in place of its name."""
    if cause is None:
        return "nothing yet"
    rule = cause.partition(":")[0].partition(" ")[0]
    label = page.labels.label("aipl_rule", rule)
    return cause if label == rule else f"{cause} ({label})"


def _rises_with(page: Page, stage: str) -> str | None:
    """The rules of the next higher stage, by their labels."""
    stages = list(STAGE_LABELS)
    place = stages.index(stage) + 1
    if place == len(stages):
        return None
    names = dict.fromkeys(
        row.label_en or row.rule_id
        for row in page.labels.rows("aipl_rules")
        if row.stage == stages[place]
    )
    shown = "; ".join(list(names)[:_SHOWN_RULES])
    more = (
        f"; and {len(names) - _SHOWN_RULES} more" if len(names) > _SHOWN_RULES else ""
    )
    target = page.labels.both("aipl_stage", stages[place])
    return f"{target}: {shown}{more}" if names else None


def _play(page: Page, stage: Row) -> str | None:
    name = stage["play"]
    if name is None:
        return None
    plays = page.all_rows("dim_play", "where play = ? order by priority", name)
    labels = (plays[0]["label_en"], plays[0]["label_zh"]) if plays else (None, None)
    as_whom = f", as {stage['persona']}" if stage["persona"] else ""
    return named(name, *labels) + as_whom


def _print_stays(page: Page) -> None:
    """The last stays that have ended."""
    rest = f"and valid_to is not null order by valid_from desc limit {_SHOWN_STAYS}"
    stays = [
        (
            page.labels.english("aipl_stage", row["stage"]),
            row["valid_from"],
            row["valid_to"] - timedelta(days=1),
            row["cause"],
        )
        for row in page.rows("aipl_stage_history", rest)
    ]
    page.table(("before", "from", "until", "because of"), stays)


def print_lifecycle(page: Page) -> None:
    """The lifecycle state, since when and why, and the next state."""
    row = page.one("customer_lifecycle")
    if row is None:
        return
    page.section("Lifecycle 生命周期", _state(page, row["state"]))
    if row["next_state_on"]:
        next_state = (
            f"from {row['next_state_on']} on {_state(page, row['next_state'])}, "
            "unless something happens"
        )
    else:
        next_state = "no change until the next order"
    page.facts(
        {
            "since": row["since_date"] or "the beginning",
            "because of": row["cause"],
            "next": next_state,
            "interval": _interval(row),
        }
    )


def _state(page: Page, state: str) -> str:
    if state == NO_STAGE:
        return "no state 无状态"
    return page.labels.both("lifecycle_state", state)


def _interval(row: Row) -> str | None:
    """The usual interval between orders, and the time since the last one."""
    since_last, usual = row["days_since_last_order"], row["expected_interval_days"]
    if since_last is None or usual is None:
        return None
    times = f", {since_last / float(usual):.1f} times as long" if usual else ""
    return (
        f"usually {float(usual):g} days between orders; {since_last} since the last"
        f"{times}"
    )
