"""What `siyu forget` tells the operator."""

from __future__ import annotations

from rich.console import Console

from pipeline.privacy.forget import Erasure

_SHOWN = 20


def print_erasure(out: Console, erasure: Erasure) -> None:
    """Print what was removed, and what must be done by hand."""

    def say(text: str = "") -> None:
        out.print(text, markup=False, soft_wrap=True)

    say(f"{erasure.customer_id} is forgotten. Removed or emptied:")
    width = max((len(place) for place in erasure.removed), default=0)
    for place, count in sorted(erasure.removed.items()):
        if count:
            say(f"  {place:<{width}}  {count:>8,}")
    if erasure.as_of_date:
        say(
            f"The marts of {erasure.as_of_date} were rebuilt and published; totals of "
            "the past have changed with them."
        )
    if erasure.exports:
        say()
        say("These exports held the customer; you must tell their recipients:")
        _list(say, erasure.exports)
    if erasure.outside:
        say()
        say(
            "These files outside the warehouse hold the customer. You must clean these "
            "yourself:"
        )
        _list(say, [_with_rows(*item) for item in erasure.outside.items()])
    say()
    say(
        "No file of the warehouse holds the customer. Backups, copies in BI tools and "
        "the records of Dagster are out of its reach."
    )


def _with_rows(file: str, rows: int) -> str:
    return (
        f"{file} ({rows:,} rows)"
        if rows
        else f"{file} (cannot be read; check it yourself)"
    )


def _list(say: object, lines: list[str]) -> None:
    assert callable(say)
    for line in lines:
        say(f"  {line}")
