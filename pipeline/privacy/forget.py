"""Erasing one person from everything that a warehouse owns, and proving it.

The order makes an interruption harmless: a note of who is being forgotten comes first,
then tombstones, the facts, all other files, and the rebuild. Every step finds out what
is left to do, so that running the command again resumes the erasure. The note is
removed last, after the proof.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pipeline.config.settings import Settings
from pipeline.console import Console
from pipeline.errors import SiyuError
from pipeline.ingest.landing import remove_orphans
from pipeline.privacy.free_text_redaction import redact_free_text
from pipeline.privacy.known import known_as
from pipeline.privacy.person import Person
from pipeline.privacy.purge import apply_tombstones, drop_build
from pipeline.privacy.raw_files import delivered_files_with, raw_files_with
from pipeline.privacy.rewrite import erase_from
from pipeline.privacy.search import find_person
from pipeline.privacy.unfinished import (
    Unfinished,
    note_of,
    read_note,
    remove_note,
    write_note,
)
from pipeline.publish.publish import keep_current_only
from pipeline.rules.rule_files import check_all_rules
from pipeline.storage.load_log import LoadLog
from pipeline.storage.tombstones import ForgottenKind, Tombstones
from pipeline.storage.version_manifest import read_manifest
from pipeline.storage.warehouse import Warehouse

Rebuild = Callable[[Settings, Console, date], None]


@dataclass
class Erasure:
    """What was removed, and what people must do by hand.

    ``removed`` counts rows and places by folder. ``exports`` names the files for other
    systems that held the person; ``outside`` those outside the warehouse that still do,
    with rows (0 if a file could not be read). ``as_of_date`` is the republished day.
    """

    customer_id: str
    removed: Counter[str]
    exports: list[str]
    outside: dict[str, int]
    as_of_date: date | None


def forget(
    settings: Settings, console: Console, customer_id: str, rebuild: Rebuild
) -> Erasure:
    """Erase a customer from the warehouse, publish without them, and prove it.

    ``rebuild`` builds and publishes the marts of a day from landing. Raises
    ``SiyuError`` if the customer is unknown (nothing changes then), if another process
    has the warehouse, if the marts could not be published, or if anything of the
    customer is left.
    """
    warehouse = Warehouse(settings.warehouse)
    if not customer_id.strip():
        raise SiyuError("the customer id is empty; nothing was changed")
    if not warehouse.load_log.exists():
        raise SiyuError(f"the warehouse {warehouse.root} is empty; it has no customers")
    check_all_rules(settings)
    with warehouse.lock("siyu forget"):
        warehouse.sweep()
        console.step("Look for the customer")
        state = read_note(warehouse, customer_id) or _begin(warehouse, customer_id)
        _erase_facts(settings, warehouse, console, state)
        _erase_files(warehouse, console, state)
        as_of_date = _republish(settings, warehouse, console, state, rebuild)
        _prove(warehouse, console, state.person)
        console.step("Look outside the warehouse")
        outside = raw_files_with(settings, warehouse, state.person)
        outside |= delivered_files_with(settings, state.person)
        warehouse.sweep()
        remove_note(warehouse, customer_id)
    return Erasure(customer_id, state.removed, state.exports, outside, as_of_date)


def _begin(warehouse: Warehouse, customer_id: str) -> Unfinished:
    """Write the note of whom to forget, with the exports that hold them."""
    person = known_as(warehouse, customer_id)
    held = find_person(warehouse.root, person)
    if not held:
        since = Tombstones(warehouse).forgotten_on(customer_id)
        if since:
            raise SiyuError(
                f"customer '{customer_id}' was forgotten on {since:%Y-%m-%d}, and "
                "nothing in the warehouse holds them; nothing was changed"
            )
        raise SiyuError(
            f"customer '{customer_id}' is unknown in {warehouse.root}; nothing was "
            "changed. Give the id exactly as it is in the mapped files"
        )
    exports = [
        file.relative_to(warehouse.root).as_posix()
        for file in held
        if file.is_relative_to(warehouse.exports)
    ]
    state = Unfinished(person, exports)
    write_note(warehouse, state)
    return state


def _erase_facts(
    settings: Settings,
    warehouse: Warehouse,
    console: Console,
    state: Unfinished,
) -> None:
    """Add the tombstones, and clean landing and quarantine."""
    console.step("Erase from landing")
    load_log, tombstones = LoadLog(warehouse.load_log), Tombstones(warehouse)
    person = state.person
    values: set[tuple[ForgottenKind, str]] = {("customer", person.customer_id)}
    values |= {("order", order) for order in person.orders}
    values |= {("word", word) for word in person.words}
    remove_orphans(warehouse, load_log)
    tombstones.add(values)
    state.removed += apply_tombstones(settings, warehouse, load_log)
    state.removed += redact_free_text(warehouse, load_log, person)
    drop_build(warehouse)
    write_note(warehouse, state)


def _erase_files(warehouse: Warehouse, console: Console, state: Unfinished) -> None:
    """Remove what can be rebuilt, and clean all other files but published marts."""
    console.step("Erase from files")
    for folder in (warehouse.history, warehouse.report, warehouse.dbt_target):
        shutil.rmtree(folder, ignore_errors=True)
    warehouse.prepare()
    for file in find_person(warehouse.root, state.person):
        top = file.relative_to(warehouse.root).parts[0]
        if top not in (warehouse.published.name, warehouse.unfinished_erasures.name):
            state.removed[top] += erase_from(warehouse, file, state.person)
    write_note(warehouse, state)


def _republish(
    settings: Settings,
    warehouse: Warehouse,
    console: Console,
    state: Unfinished,
    rebuild: Rebuild,
) -> date | None:
    """Rebuild and publish the marts of the published day, and return it.

    Older versions are removed.
    """
    manifest = read_manifest(warehouse)
    if manifest is None:
        return None
    as_of_date = date.fromisoformat(manifest["as_of_date"])
    try:
        rebuild(settings, console, as_of_date)
    except SiyuError as error:
        raise SiyuError(
            "the customer is erased from the facts, but the marts could not be built "
            "without them, and the published version still holds them. Fix this, then "
            f"run `siyu forget` again:\n{error}"
        ) from None
    console.step("Remove older versions")
    state.removed["published"] += keep_current_only(warehouse)
    return as_of_date


def _prove(warehouse: Warehouse, console: Console, person: Person) -> None:
    """Search every file. Raises ``SiyuError`` naming those that hold the person."""
    console.step("Search every file")
    note = note_of(warehouse, person.customer_id)
    held = find_person(warehouse.root, person, but=note)
    if held:
        listed = "\n".join(
            f"  {file.relative_to(warehouse.root)} ({places:,} places)"
            for file, places in held.items()
        )
        raise SiyuError(
            f"these files still hold the customer:\n{listed}\nRemove them, or the "
            "customer from them, then run `siyu forget` again."
        )
