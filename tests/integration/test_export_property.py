"""Any sequence of published states: whoever applies what is delivered has the last one.

Cost: 20 examples of up to four exports, 15 seconds on two idle cores.
"""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.draws import examples
from support.published import DAY, publish_by_hand, shop_with
from support.receiver import Received

from pipeline.activation.deliver import export_published

CUSTOMERS = "abcd"
LISTS = ("loyal", "new")
PHONES = ("13812345678", "138-1234-5678", "13912345678", "no number")
COLUMNS = {"list": "list", "change": "change", "region": "customer.region"}
DESTINATIONS = (
    {"name": "tags", "audiences": ["*"], "columns": {**COLUMNS, "id": "customer_id"}},
    {
        "name": "ads",
        "audiences": ["*"],
        "columns": {**COLUMNS, "id": "identifier.phone"},
        "identifiers": {"phone": {"hash": False, "form": "national"}},
        "file": "{list}-{change}",
    },
    {
        "name": "calls",
        "touches": {},
        "columns": {**COLUMNS, "id": "touch.touch_id"},
        "format": "csv",
    },
)


class State(NamedTuple):
    """One published state: who is in which list, held out, where, with which phone."""

    members: frozenset[tuple[str, str]]
    held_out: frozenset[tuple[str, str]]
    disabled: frozenset[str]
    regions: dict[str, str]
    phones: dict[str, str]
    touches: dict[str, str]


memberships = st.frozensets(
    st.tuples(st.sampled_from(LISTS), st.sampled_from(CUSTOMERS))
)
states = st.builds(
    State,
    members=memberships,
    held_out=memberships,
    disabled=st.frozensets(st.sampled_from(LISTS), max_size=1),
    regions=st.fixed_dictionaries(
        {c: st.sampled_from(["east", "west"]) for c in CUSTOMERS}
    ),
    phones=st.dictionaries(st.sampled_from(CUSTOMERS), st.sampled_from(PHONES)),
    touches=st.dictionaries(
        st.sampled_from(["t1", "t2", "t3"]), st.sampled_from(["send", "defer"])
    ),
)


def bare(phone: str) -> str | None:
    """The number as it is sent, for the few that are drawn."""
    digits = phone.replace("-", "")
    return digits if digits.isdigit() else None


def wanted(state: State) -> tuple[dict[str, dict[str, str]], dict[str, set[str]]]:
    """By brute force: the region of each member, and the numbers of each list."""
    tags: dict[str, dict[str, str]] = {}
    numbers: dict[str, set[str]] = {}
    for name, customer in state.members - state.held_out:
        if name in state.disabled:
            continue
        tags.setdefault(name, {})[customer] = state.regions[customer]
        number = bare(state.phones.get(customer, ""))
        if number:
            numbers.setdefault(name, set()).add(number)
    return tags, numbers


SHARED = State(
    frozenset({("new", "a"), ("new", "b")}),
    frozenset(),
    frozenset(),
    dict.fromkeys(CUSTOMERS, "east") | {"b": "west"},
    {"a": PHONES[0], "b": PHONES[1]},
    {"t1": "send"},
)


@settings(max_examples=examples(15))
@given(st.lists(states, min_size=1, max_size=4))
@example([SHARED, SHARED._replace(members=frozenset({("new", "b")}))])
@example([SHARED, SHARED._replace(held_out=SHARED.members), SHARED])
def test_the_receiver_has_what_is_published(
    tmp_path_factory: pytest.TempPathFactory, sequence: list[State]
) -> None:
    folder = tmp_path_factory.mktemp("export")
    shop = shop_with(folder, *DESTINATIONS)
    sent: set[str] = set()
    for day, state in enumerate(sequence):
        publish(shop.warehouse, day, state)
        export_published(shop)
        tags, numbers = wanted(state)
        received = {
            name: Received(Path(shop.warehouse / "exports" / name), "id")
            for name in ("tags", "ads", "calls")
        }
        found = {
            name: {who: row["region"] for who, row in has.items()}
            for name, has in received["tags"].members.items()
            if has
        }
        assert found == tags
        assert received["ads"].names() == numbers
        sent |= {touch for touch, said in state.touches.items() if said == "send"}
        assert sorted(who for _, who, _ in received["calls"].changes) == sorted(sent)
    shutil.rmtree(folder)


def publish(warehouse: Path, day: int, state: State) -> None:
    """Publish a state; who is held out of a list stands in it with that mark."""
    publish_by_hand(
        warehouse,
        day=DAY + timedelta(days=day),
        members=sorted(state.members - state.held_out),
        held_out=sorted(state.held_out),
        disabled=state.disabled,
        regions=state.regions,
        identifiers=[(c, "phone", phone) for c, phone in state.phones.items()],
        touches=[(t, "a", said) for t, said in state.touches.items()],
    )
