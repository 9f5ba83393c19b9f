"""The contact policy against a brute-force reference, on hundreds of drawn customers.

Each example draws rule files and some dozens of customers; policies are small and full
of ties, so that caps, quiet days and priorities meet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import duckdb
import policy_reference as reference
import pytest
from hypothesis import example, given, settings
from policy_reference import (
    Cap,
    Channel,
    Consent,
    Contact,
    Customer,
    Decision,
    Policy,
    Quiet,
    Refusal,
    Touch,
)
from support.draws import Draws, drawn, examples
from support.sql_models import build_models, fill, models_between

TODAY = date(2024, 3, 3)  # A Sunday: the week is nearly over, the month has just begun.
GIVEN = (
    *("channels", "contact_policy", "quiet_days", "int_journey_due"),
    *("int_journey_exits", "int_holdouts", "stg_consents", "int_contacts"),
    *("stg_members", "stg_identities", "dim_customer", "fct_interactions"),
)
MODELS = models_between(GIVEN, ("journey_touches",))
TABLES = """
create table channels (
    channel varchar, counts_as varchar, consent_channel varchar, needs_consent boolean,
    reached_by varchar, complaint_days int
);
create table contact_policy (
    scope varchar, window_days int, calendar_unit varchar, max_contacts int,
    priority int
);
create table quiet_days (date_from date, date_to date, scope varchar, reason varchar);
create table int_journey_due (
    touch_id varchar, customer_id varchar, journey varchar, step varchar,
    anchor_date date, due_date date, grace_days int, channel varchar,
    content_key varchar, offer_key varchar, priority int, label_en varchar,
    label_zh varchar
);
create table int_journey_exits (touch_id varchar, exit_kind varchar, left_on date);
create table int_holdouts (
    customer_id varchar, scope varchar, scope_name varchar, holdout varchar,
    is_held_out boolean
);
create table stg_consents (
    customer_id varchar, channel varchar, granted boolean, changed_at timestamp,
    changed_date date
);
create table int_contacts (
    customer_id varchar, channel varchar, sent_at timestamp, sent_date date,
    outcome varchar
);
create table stg_members (customer_id varchar, phone varchar, email varchar);
create table stg_identities (
    customer_id varchar, id_type varchar, id_value varchar
);
create table dim_customer (customer_id varchar, wecom_bound boolean);
create table fct_interactions (
    customer_id varchar, event_type varchar, channel varchar, occurred_at timestamp,
    event_date date
);
"""
NAMES = ("wecom", "group", "sms", "text", "fax")
EVERYWHERE = frozenset({"wecom_bound", "phone", "email"})


# Drawing ----------------------------------------------------------------------------


def draw_channels(draws: Draws) -> tuple[Channel, ...]:
    """Three channels, of which the group listens to WeCom, and another name for sms."""
    return (
        Channel("wecom", None, None, False, "wecom_bound", draws.pick([None, 3, 30])),
        Channel(
            *("group", draws.pick([None, "wecom"]), draws.pick([None, "wecom"])),
            *(False, draws.pick(["wecom_bound", "none"]), draws.pick([None, 3])),
        ),
        Channel("sms", None, None, True, draws.pick(["phone", "email"]), 5),
        Channel("text", "sms", "sms", draws.pick([True, False]), "none"),
    )


def draw_caps(draws: Draws) -> tuple[Cap, ...]:
    """Some caps, each of a scope and window of its own."""
    windows = [(1, None), (2, None), (7, None), (30, None)]
    windows += [(None, "day"), (None, "week"), (None, "month")]
    found = {
        (draws.pick(["global", "wecom", "group", "sms"]), draws.pick(windows)): (
            draws.pick([1, 2, 3, 4])
        )
        for _ in draws.times(0, 2, 4, 6)
    }
    shift = draws.pick(range(5))
    return tuple(
        Cap(scope, days, unit, most, (n * 3 + shift) % 11)
        for n, ((scope, (days, unit)), most) in enumerate(found.items())
    )


def draw_quiet(draws: Draws) -> tuple[Quiet, ...]:
    """Some periods around today; most of them do not hold today."""
    found = {}
    for n in draws.times(0, 1, 3, 4):
        start = TODAY + timedelta(draws.pick([1, 2, 3, 4, -2, 6, 0, 9]))
        end = start + timedelta(draws.pick([0, 0, 1, 2]))
        scope = draws.pick(["global", "wecom", "sms", "group"])
        found[start, end, scope] = Quiet(start, end, scope, f"quiet_{n}")
    return tuple(found.values())


def draw_moment(draws: Draws, longest_ago: int) -> datetime:
    """A moment up to now; few hours, so that some are the same."""
    ago = draws.pick([0, 1, 2, 3, 5, 6, 7, 29, 30, 31, 4, 10, 400])
    day = TODAY - timedelta(min(ago, longest_ago))
    return datetime.combine(day, time(draws.pick([0, 9, 9, 23])))


def draw_touch(draws: Draws, name: str) -> Touch:
    """A touch that is in its window today."""
    late = draws.pick([0, 0, 1, 2])
    exits = [None, None, None, None, None, None, ("first_order", TODAY)]
    return Touch(
        name,
        draws.pick(["j1", "j2"]),
        draws.pick([*NAMES[:4] * 2, "fax"]),
        draws.pick([10, 10, 20, None]),
        TODAY - timedelta(late),
        late + draws.pick([0, 1, 3, 8, 40]),
        draws.pick(exits),
    )


def draw_customer(draws: Draws, name: str) -> Customer:
    """A customer with some touches, most of whom nothing but caps holds off."""
    contacts: dict[tuple[str, datetime], Contact] = {}
    for _ in draws.times(0, 1, 2, 4, 7):
        channel, moment = draws.pick(NAMES), draw_moment(draws, 400)
        outcome = draws.pick(["delivered", "clicked", None, "failed"])
        contacts[channel, moment] = Contact(channel, moment, outcome)
    consents = [Consent("sms", granted=True, changed_at=datetime(2024, 1, 1))]
    consents = consents[: draws.pick([1, 1, 1, 0])]
    consents += [
        Consent(draws.pick(NAMES), draws.pick([True, False]), draw_moment(draws, 40))
        for _ in draws.times(0, 0, 0, 1, 2)
    ]
    refusals = [
        Refusal(
            draws.pick(["unsubscribe", "complaint", "share"]),
            draws.pick(["wecom", "text", "group", "web", None]),
            draw_moment(draws, 40),
        )
        for _ in draws.times(0, 0, 0, 1, 2)
    ]
    held = [("global", None, "g"), ("journey", "j1", "b"), ("audience", "j2", "c")]
    return Customer(
        name,
        tuple(
            draw_touch(draws, f"{draws.pick('qp')}{n}-{name}")
            for n in draws.times(1, 2, 3, 5)
        ),
        tuple(contacts.values()),
        tuple(dict.fromkeys(consents)),
        tuple(refusals),
        tuple({draws.pick(held) for _ in draws.times(0, 0, 0, 0, 0, 1, 2)}),
        draws.pick([EVERYWHERE, EVERYWHERE, EVERYWHERE, frozenset({"phone"})]),
    )


Shop = tuple[Policy, tuple[Customer, ...]]


def draw_shop(draws: Draws) -> Shop:
    """Rule files and customers."""
    policy = Policy(draw_channels(draws), draw_caps(draws), draw_quiet(draws))
    return policy, tuple(draw_customer(draws, f"c{n}") for n in range(30))


# Building ---------------------------------------------------------------------------


@pytest.fixture(name="connection", scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the tables that the models read."""
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.execute(TABLES)
        yield opened


def rows_of(policy: Policy, customers: Sequence[Customer]) -> dict[str, list[Any]]:
    """Return the rows of each table."""
    rows: dict[str, list[Any]] = {name: [] for name in GIVEN}
    rows["channels"] = [tuple(vars(channel).values()) for channel in policy.channels]
    rows["contact_policy"] = [tuple(vars(cap).values()) for cap in policy.caps]
    rows["quiet_days"] = [tuple(vars(period).values()) for period in policy.quiet]
    for customer in customers:
        me = customer.customer_id
        for touch in customer.touches:
            rows["int_journey_due"].append(
                (
                    *(touch.touch_id, me, touch.journey, "step", TODAY),
                    *(touch.due_date, touch.grace_days, touch.channel, "text"),
                    *(None, touch.priority, "step", "step"),
                )
            )
            if touch.exit_fact:
                rows["int_journey_exits"].append((touch.touch_id, *touch.exit_fact))
        rows["int_contacts"] += [
            (me, c.channel, c.sent_at, c.sent_at.date(), c.outcome)
            for c in customer.contacts
        ]
        rows["stg_consents"] += [
            (me, c.channel, c.granted, c.changed_at, c.changed_at.date())
            for c in customer.consents
        ]
        rows["fct_interactions"] += [
            (me, r.event_type, r.channel, r.occurred_at, r.occurred_at.date())
            for r in customer.refusals
        ]
        held = {name for *_, name in customer.holdouts}
        rows["int_holdouts"] += [
            (me, scope, of, name, name in held)
            for scope, of, name in (
                ("global", None, "g"),
                ("journey", "j1", "b"),
                ("audience", "j2", "c"),
            )
        ]
        reached = customer.reached_by
        rows["dim_customer"].append((me, "wecom_bound" in reached))
        rows["stg_members"].append((me, None, "mail" if "email" in reached else None))
        if "phone" in reached:
            rows["stg_identities"].append((me, "phone", "number"))
    return rows


def build(
    connection: duckdb.DuckDBPyConnection, rows: dict[str, list[Any]]
) -> list[tuple[Any, ...]]:
    """Build the mart from the rows, and return what it decides."""
    for name, of_table in rows.items():
        fill(connection, name, of_table)
    build_models(connection, MODELS, {"as_of_date": str(TODAY), "last_build": None})
    return connection.execute(
        "select touch_id, decision, defer_until, reason_kind, reason "
        "from journey_touches order by touch_id"
    ).fetchall()


def decided(
    connection: duckdb.DuckDBPyConnection, policy: Policy, customers: Sequence[Customer]
) -> dict[str, Decision]:
    """Return the decisions by touch, each of which is there once."""
    found = build(connection, rows_of(policy, customers))
    decisions = {touch_id: Decision(*rest) for touch_id, *rest in found}
    assert len(decisions) == len(found)
    return decisions


# Tests ------------------------------------------------------------------------------

ONE_A_DAY = Cap("global", None, "day", 1, 1)
SMS_ONCE = Cap("sms", 7, None, 1, 2)


def simple_shop(caps: Sequence[Cap], *channels: str, **facts: Any) -> Shop:
    """One customer with a touch on each channel, due today, with a week's grace."""
    touches = tuple(
        Touch(f"t{n}-c1", "j2", channel, n, TODAY, 7)
        for n, channel in enumerate(channels)
    )
    quiet = facts.pop("quiet", ())
    known = (Channel("sms"), Channel("wecom"), Channel("text", "sms"))
    customer = Customer("c1", touches, reached_by=EVERYWHERE, **facts)
    return Policy(known, tuple(caps), quiet), (customer,)


def noon(days_ago: int) -> datetime:
    return datetime.combine(TODAY - timedelta(days_ago), time(12))


GIVES = Consent("sms", granted=True, changed_at=noon(3))
LEAVES = Refusal("unsubscribe", "sms", noon(3))


@settings(max_examples=examples(25), derandomize=True, deadline=None)
@given(drawn(draw_shop, 4000))
# The first of one channel takes the room of the second, and leaves that of another.
@example(simple_shop([SMS_ONCE], "sms", "text", "wecom"))
@example(simple_shop([SMS_ONCE, Cap("global", 7, None, 2, 1)], "sms", "text", "wecom"))
# A cap of days frees a whole window after the contact that fills it, not a day before.
@example(
    simple_shop([SMS_ONCE], "sms", contacts=(Contact("text", noon(6), "delivered"),))
)
@example(
    simple_shop([SMS_ONCE], "sms", contacts=(Contact("sms", noon(7), "delivered"),))
)
# What comes after a touch takes the room in which that might have been sent tomorrow.
@example(
    simple_shop(
        [Cap("sms", None, "day", 1, 1), Cap("global", 7, None, 2, 2)],
        *("sms", "sms", "wecom"),
    )
)
# In doubt it is no: given and withdrawn, or given and unsubscribed, at one moment.
@example(simple_shop([], "sms", consents=(GIVES, replace(GIVES, granted=False))))
@example(simple_shop([], "sms", consents=(replace(GIVES, granted=False), GIVES)))
@example(simple_shop([], "sms", consents=(GIVES,), refusals=(LEAVES,)))
# The day on which it frees is quiet, and the one after.
@example(
    simple_shop(
        [ONE_A_DAY],
        *("sms", "wecom"),
        quiet=(
            Quiet(TODAY + timedelta(1), TODAY + timedelta(1), "wecom", "a"),
            Quiet(TODAY + timedelta(2), TODAY + timedelta(2), "global", "b"),
        ),
    )
)
def test_decisions_equal_the_reference(
    connection: duckdb.DuckDBPyConnection, shop: Shop
) -> None:
    """Locks out caps that are exceeded, and reasons and days that are not the first."""
    policy, customers = shop
    expected = {
        touch_id: decision
        for customer in customers
        for touch_id, decision in reference.decide(policy, customer, TODAY).items()
    }
    assert decided(connection, policy, customers) == expected
    for customer in customers:
        check_caps(policy, customer, expected)


def check_caps(
    policy: Policy, customer: Customer, decisions: dict[str, Decision]
) -> None:
    """What must hold of whatever is sent, apart from the order of touches."""
    sends = Counter(
        policy.counted(touch.channel)
        for touch in customer.touches
        if decisions[touch.touch_id].decision == "send"
    )
    for cap in policy.caps:
        sent = sends.total() if cap.scope == "global" else sends[cap.scope]
        before = sum(
            cap.covers(contact.sent_at.date(), TODAY)
            for contact in customer.contacts
            if contact.outcome != "failed"
            and cap.scope in ("global", policy.counted(contact.channel))
        )
        assert sent == 0 or sent + before <= cap.max_contacts


@settings(max_examples=examples(10), derandomize=True, deadline=None)
@given(drawn(draw_shop, 4000))
def test_the_order_of_rows_says_nothing(
    connection: duckdb.DuckDBPyConnection, shop: Shop
) -> None:
    """Locks out a decision that depends on which row was read first."""
    rows = rows_of(*shop)
    backwards = {name: of_table[::-1] for name, of_table in rows.items()}
    assert build(connection, rows) == build(connection, backwards)


def test_the_drawn_shops_have_every_reason() -> None:
    """Locks out draws in which a reason, or a kind of decision, never comes up."""
    kinds = Counter[tuple[str, str]]()
    for seed in range(12):
        tape = bytes((seed * 37 + n * n * 11 + n * 7) % 251 for n in range(4000))
        policy, customers = draw_shop(Draws(tape))
        for customer in customers:
            for decision in reference.decide(policy, customer, TODAY).values():
                kinds[decision.decision, decision.reason_kind] += 1
    assert {kind for kind, number in kinds.items() if number >= 3} == {
        *(("send", kind) for kind in ("due", "catching_up")),
        *(("defer", kind) for kind in ("quiet_day", "cap")),
        *(("suppress", kind) for kind in ("quiet_day", "cap", "exited", "holdout")),
        *(("suppress", kind) for kind in ("unknown_channel", "no_consent")),
        *(("suppress", kind) for kind in ("opted_out", "complaint", "unreachable")),
    }


def test_a_full_size_buyer_gets_one_of_two_reminders(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """A story told by hand: two journeys want to write on one day, one may."""
    policy, (customer,) = simple_shop([ONE_A_DAY], "wecom", "wecom")
    renewal, care = customer.touches
    touches = (replace(renewal, priority=60), replace(care, priority=30))
    found = decided(connection, policy, [replace(customer, touches=touches)])
    assert found["t1-c1"] == Decision("send", None, "due", "due today")
    assert found["t0-c1"] == Decision(
        "defer", TODAY + timedelta(1), "cap", "cap: 1 a day over all channels"
    )
