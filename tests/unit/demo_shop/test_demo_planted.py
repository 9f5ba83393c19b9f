"""What was planted must follow from the files by the product's own definitions."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from demo_reading import Facts, net, valid_orders

from demo_shop import vocabulary

Truth = dict[str, Any]
LAST_DAY = date(2025, 6, 30)


@dataclass
class Person:
    """What one customer did, as days."""

    orders: list[date] = field(default_factory=list)
    any_order: set[date] = field(default_factory=set)
    events: dict[str, set[date]] = field(default_factory=lambda: defaultdict(set))
    is_member: bool = False


@pytest.fixture(scope="module")
def planted(shop: Path) -> list[dict[str, Any]]:
    relation = duckdb.sql(f"from '{shop}/truth_customers.parquet'")
    return [dict(zip(relation.columns, r, strict=True)) for r in relation.fetchall()]


@pytest.fixture(scope="module")
def people(facts: Facts) -> dict[str, Person]:
    found: dict[str, Person] = defaultdict(Person)
    for order in valid_orders(facts):
        found[order["member_id"]].orders.append(order["created_at"].date())
    for order in facts.orders.values():
        found[order["member_id"]].any_order.add(order["created_at"].date())
    for event in facts.events:
        found[event["customer"]].events[event["type"]].add(event["at"].date())
    for customer in facts.members:
        found[customer].is_member = True
    for person in found.values():
        person.orders.sort()
    return found


def _within(days: list[date], first: int, last: int, today: date) -> int:
    """Count days between ``first`` and ``last`` days ago."""
    return sum(first <= (today - day).days <= last for day in days)


def behavior_segment(person: Person, today: date) -> str:
    """The six segments of the contract, by priority."""
    orders = [day for day in person.orders if day <= today]
    traces = [d for days in person.events.values() for d in days if d <= today]
    traces += [d for d in person.any_order if d <= today]
    activity = list(person.events.get("activity_join", ()))
    if all(_within(orders, first, first + 29, today) for first in (0, 30, 60)):
        return "continuous"
    if not _within(traces, 0, 59, today):
        return "silent_60d"
    joined = _within(activity, 0, 59, today)
    if 2 <= _within(orders, 0, 59, today) <= 3 and not joined:
        return "active_no_activity"
    if orders and (today - orders[-1]).days >= 60:
        return "no_repurchase_60d"
    if person.is_member and not orders:
        clicked = person.events.get("message_click")
        return "clicked_no_purchase" if clicked else "registered_no_purchase"
    return "none"


def lifecycle_state(person: Person, today: date) -> str:
    """The default lifecycle rules of the contract, first match wins."""
    orders = [day for day in person.orders if day <= today]
    if not orders:
        return "prospect"
    since = (today - orders[-1]).days
    if len(orders) == 1 and since <= 30:
        return "new"
    if len(orders) > 1 and since <= 30 and (orders[-1] - orders[-2]).days >= 180:
        return "reactivated"
    for state, limit in (("active", 60), ("at_risk", 120), ("dormant", 365)):
        if since <= limit:
            return state
    return "churned"


@pytest.mark.parametrize("later", [0, 1])
def test_stories_keep_their_promises(
    truth: Truth,
    planted: list[dict[str, Any]],
    people: dict[str, Person],
    later: int,
) -> None:
    """Also on the day after the last, the day that the late event makes the latest."""
    today = LAST_DAY + timedelta(days=later)
    stories = truth["planted"]["stories"]
    for row in planted:
        promise, person = stories[row["story"]], people[row["customer_id"]]
        if promise["behavior_segment"]:
            found = behavior_segment(person, today)
            assert found == promise["behavior_segment"], row
        if promise["lifecycle_state"]:
            assert lifecycle_state(person, today) == promise["lifecycle_state"], row


def test_every_segment_and_state_occurs(people: dict[str, Person]) -> None:
    segments = Counter(behavior_segment(p, LAST_DAY) for p in people.values())
    assert len(segments) == 7
    states = Counter(lifecycle_state(p, LAST_DAY) for p in people.values())
    assert len(states) == 7


def test_sizes_of_groups(truth: Truth, planted: list[dict[str, Any]]) -> None:
    for column, group in (("story", "stories"), ("crowd", "crowds")):
        sizes = Counter(row[column] for row in planted if row[column])
        assert sizes == {n: g["customers"] for n, g in truth["planted"][group].items()}


def _holds(part: dict[str, Any], member: dict[str, Any]) -> bool:
    names = {"travel_frequency": "travel"}
    if part["attribute"] == "age":
        born = member["birthday"]
        if not born:
            return False
        had_birthday = (LAST_DAY.month, LAST_DAY.day) >= (born.month, born.day)
        age = LAST_DAY.year - born.year - (not had_birthday)
        return bool(int(part["value"]) <= age <= int(part["value_to"]))
    value = member[names.get(part["attribute"], part["attribute"])]
    return bool(value == part["value"])


def test_crowds_are_exactly_whom_their_rules_find(
    truth: Truth, planted: list[dict[str, Any]], facts: Facts
) -> None:
    for name, crowd in truth["planted"]["crowds"].items():
        found = {
            customer
            for customer, member in facts.members.items()
            if all(_holds(part, member) for part in crowd["rule"])
        }
        assert found == {row["customer_id"] for row in planted if row["crowd"] == name}


def test_tiers_are_far_apart(planted: list[dict[str, Any]]) -> None:
    for row in planted:
        own = row["reviews_positive"] + row["shares"]
        if row["tier"] == "kol":
            assert own >= 20
        elif row["tier"] == "contributor":
            assert own >= 8
        else:
            assert own + row["refers"] <= 3


def test_referrals_are_of_members_who_came_by_friends(
    truth: Truth, facts: Facts
) -> None:
    refers = [event for event in facts.events if event["type"] == "refer"]
    assert len(refers) == truth["planted"]["referrals"]["referrals"]
    for event in refers:
        referred = facts.members[event["referred"]]
        assert referred["channel"] == "老客推荐"
        assert event["at"] < referred["joined_at"]
        assert facts.members[event["customer"]]["joined_at"] < event["at"]


def test_experiment_effect(truth: Truth, facts: Facts) -> None:
    expected = truth["planted"]["experiment"]
    start = datetime.fromisoformat(expected["assigned_at"])
    stop = start + timedelta(days=expected["outcome_window_days"])
    converted, spent = set(), Counter[str]()
    for order in valid_orders(facts):
        if start <= order["created_at"] < stop and order["member_id"] in facts.arms:
            converted.add(order["member_id"])
            spent[facts.arms[order["member_id"]]["arm"]] += net(order)  # type: ignore[assignment]
    rates = {}
    variance = 0.0
    for arm, name in zip(("control", "treated"), expected["arms"], strict=True):
        members = {c for c, row in facts.arms.items() if row["arm"] == name}
        assert len(members) == expected[arm]["customers"]
        assert len(members & converted) == expected[arm]["converted"]
        assert str(spent[name]) == expected[arm]["net_amount"]
        rates[arm] = len(members & converted) / len(members)
        variance += rates[arm] * (1 - rates[arm]) / len(members)
    lift = rates["treated"] - rates["control"]
    true = expected["true_effect"]["conversion_rate"]
    assert 0 < true <= expected["planted_order_probability"] * 1.5
    assert abs(lift - true) < 4 * math.sqrt(variance)


def test_a_campaign_without_effect_has_none(truth: Truth) -> None:
    campaigns = truth["planted"]["campaigns"]
    assert campaigns["story_2025"]["true_effect"]["conversion_rate"] == 0
    moved = [c for c in campaigns.values() if c["planted_order_probability"]]
    assert moved
    assert all(c["true_effect"]["conversion_rate"] > 0 for c in moved)


def test_all_canonical_event_types_occur(facts: Facts) -> None:
    assert {event["type"] for event in facts.events} == set(vocabulary.EVENT_TYPES)
    assert len(vocabulary.EVENT_TYPES) == 25


def test_busy_days_and_hours(facts: Facts) -> None:
    days = Counter(order["created_at"].date() for order in facts.orders.values())
    usual = sorted(days.values())[len(days) // 2]
    for festival in (date(2024, 11, 11), date(2025, 6, 18)):
        assert days[festival] > 1.5 * usual
    mall = Counter(o["created_at"].hour for i, o in facts.orders.items() if i[0] == "M")
    assert mall[21] > 5 * mall[4]
    tills = {o["created_at"].hour for i, o in facts.orders.items() if i[0] != "M"}
    assert tills <= set(range(10, 22))
