"""Sections of what comes next: interests, steps of journeys, run-outs."""

from __future__ import annotations

from pipeline.report.explain.labels import called, named
from pipeline.report.explain.page import Page, Row

_SHOWN_INTERESTS = 3
_SHOWN_RUN_OUTS = 3
_BASES = {
    "own_gaps": "own purchases",
    "consumption_days": "days that the product lasts",
    "category_median": "purchases in the category",
}

_SENT_FIRST = (
    "order by case decision when 'send' then 1 when 'defer' then 2 else 3 end, "
    "defer_until, due_date, step"
)


def print_interests(page: Page) -> None:
    """The categories of most interest, with their shares."""
    rest = f"order by interest_rank, category limit {_SHOWN_INTERESTS}"
    rows = page.rows("customer_interests", rest)
    if not rows:
        return
    page.section("Interests 兴趣")
    page.table(
        ("category", "of orders", "of spend", "of views"),
        [
            (row["category"], *(_share(row[f"{x}_share"]) for x in _SHARES))
            for row in rows
        ],
    )


_SHARES = ("order", "spend", "view")


def _share(share: float | None) -> str | None:
    return None if share is None else f"{share:.0%}"


def print_touches(page: Page) -> None:
    """The steps of journeys that are due, with the decision and its reason."""
    rows = page.rows("journey_touches", _SENT_FIRST)
    if not rows:
        return
    page.section("Journeys, due today 今日旅程")
    page.table(
        ("step", "channel", "due", "decision", "because"),
        [
            (
                called(row["label_en"], row["label_zh"]) or row["step"],
                row["channel"],
                row["due_date"],
                _decided(row),
                row["reason"],
            )
            for row in rows
        ],
    )


def _decided(row: Row) -> str:
    until = row["defer_until"]
    return row["decision"] if until is None else f"{row['decision']} until {until}"


def print_run_outs(page: Page) -> None:
    """The products expected to run out next, or else the one that ran out last."""
    rest = "and runs_out_on >= as_of_date order by runs_out_on, product_id limit ?"
    rows = page.rows("customer_replenishment", rest, _SHOWN_RUN_OUTS)
    heading = "runs out" if rows else "ran out"
    if not rows:
        rest = (
            "and runs_out_on is not null order by runs_out_on desc, product_id limit 1"
        )
        rows = page.rows("customer_replenishment", rest)
    if not rows:
        return
    page.section("Replenishment 补货")
    page.table(
        (heading, "product", "bought", "pieces", "days each", "by"),
        [
            (
                row["runs_out_on"],
                _product(page, row),
                row["last_bought_on"],
                f"{float(row['last_quantity']):g}",
                f"{float(row['days_per_unit']):g}",
                _BASES.get(row["basis"], row["basis"]),
            )
            for row in rows
        ],
    )


def _product(page: Page, row: Row) -> str:
    rest = "where product_id = ?"
    found = page.all_rows("dim_product", rest, row["product_id"])
    return named(row["product_id"], found[0]["name"] if found else None, None)
