"""``write_demo``: a whole demo shop from a seed; only the order of steps is here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demo_shop import behaviour, crm, mall, pos, product_list
from demo_shop.config import CONFIG
from demo_shop.extracts import Extract, write_extract
from demo_shop.files import FileFacts
from demo_shop.population import populate
from demo_shop.store import Store, open_store
from demo_shop.truth import prepare, write_truth

FEWEST_CUSTOMERS = 100

Progress = Callable[[str, int, int], None]

# In the order in which they are written: later ones use views of earlier ones.
_EXTRACTS: tuple[Callable[[Store], Extract], ...] = (
    crm.member_extract,
    crm.consent_extract,
    crm.identity_extract,
    crm.contact_extract,
    crm.assignment_extract,
    mall.order_extract,
    mall.line_extract,
    pos.pos_extract,
    behaviour.app_extract,
)


@dataclass(frozen=True)
class DemoShop:
    """A demo shop on disk: its files and their totals."""

    root: Path
    config: Path
    truth: Path
    customers: int
    orders: int
    order_lines: int
    interactions: int
    files: int


class DemoError(Exception):
    """A demo shop that cannot be written; its text says why."""


def write_demo(
    out: Path,
    *,
    customers: int = 20_000,
    seed: int = 20250630,
    on_progress: Progress | None = None,
) -> DemoShop:
    """Write a demo shop into the folder ``out``, over an earlier one.

    The same arguments give the same bytes, on any day. ``on_progress`` gets the step,
    its done part and its total. ``truth.json`` is written last, so that its presence
    means that the shop is complete. Raises ``DemoError`` for an invalid size or seed,
    or a folder that cannot be written.
    """
    if customers < FEWEST_CUSTOMERS:
        raise DemoError(
            f"a demo shop needs at least {FEWEST_CUSTOMERS} customers, not {customers}"
        )
    if seed < 0:
        raise DemoError(f"the seed must not be negative: {seed}")
    report = on_progress or (lambda *_: None)
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "truth.json").unlink(missing_ok=True)
        with open_store(out) as store:
            return _write(store, out, customers, seed, report)
    except OSError as error:
        raise DemoError(f"{out}: the demo shop cannot be written: {error}") from error


def _write(
    store: Store, out: Path, customers: int, seed: int, report: Progress
) -> DemoShop:
    populate(store, customers, seed, lambda done, of: report("customers", done, of))
    prepare(store)
    files = _write_files(store, out, seed, report)
    config = out / "siyu.yaml"
    config.write_text(CONFIG, encoding="utf-8", newline="\n")
    report("truth", 0, 1)
    truth = write_truth(store, out, seed=seed, customers=customers, files=files)
    report("truth", 1, 1)
    counts = truth["counts"]
    return DemoShop(
        root=out,
        config=config,
        truth=out / "truth.json",
        customers=counts["customers"],
        orders=counts["orders"],
        order_lines=counts["order_lines"],
        interactions=counts["interactions"],
        files=len(files),
    )


def _write_files(
    store: Store, out: Path, seed: int, report: Progress
) -> list[FileFacts]:
    """Write all raw files and return what they hold."""
    total = len(_EXTRACTS) + 2
    facts = product_list.write_products(store, out)
    for done, extract in enumerate(_EXTRACTS, start=1):
        report("files", done, total)
        facts += write_extract(store, extract(store), out, seed)
    report("files", total - 1, total)
    facts += behaviour.write_wecom(store, out)
    report("files", total, total)
    return facts
