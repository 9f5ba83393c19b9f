"""A demo shop has the crowds, tiers and segments planted in it, and their profiles.

What is not planted is computed here once more, in plain Python, from the facts.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

# One of the shop's own columns.
OWN = "member:skin_type"
LOOKS = ("search", "product_view", "favorite", "add_to_cart", "sample_claim", "consult")


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, *values: object
) -> list[tuple[Any, ...]]:
    return connection.execute(query, list(values)).fetchall()


def _planted(shop: Path, column: str) -> list[tuple[Any, ...]]:
    customers = str(shop / "truth_customers.parquet")
    return duckdb.execute(
        f"select customer_id, {column} from read_parquet(?)", [customers]
    ).fetchall()


def _segments(marts: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(_rows(marts, "select customer_id, segment from marts.behavior_segment"))


def _people(marts: duckdb.DuckDBPyConnection, crowd: str) -> set[str]:
    query = "select customer_id from marts.crowd_membership where crowd = ?"
    return {customer_id for (customer_id,) in _rows(marts, query, crowd)}


def test_planted_crowds_are_found_and_nobody_else(
    marts: duckdb.DuckDBPyConnection, shop: Path, truth: dict[str, Any]
) -> None:
    """A mother whose record came twice, a father or an elder who is taken in."""
    planted = truth["planted"]["crowds"]
    assert set(planted) == {
        "mothers",
        "living_alone",
        "students",
        "business_travellers",
    }
    in_crowd = defaultdict(set)
    for customer_id, crowd in _planted(shop, "crowd"):
        in_crowd[crowd].add(customer_id)
    for crowd, about in planted.items():
        assert _people(marts, crowd) == in_crowd[crowd], crowd
        assert len(in_crowd[crowd]) == about["customers"] > 0


def test_planted_tiers_are_found(
    marts: duckdb.DuckDBPyConnection, shop: Path, truth: dict[str, Any]
) -> None:
    """A contributor of few points, points for a repeated event, staff as leaders."""
    tiers = dict(_rows(marts, "select customer_id, tier from marts.identity_tier"))
    assert tiers == dict(_planted(shop, "tier"))
    found = Counter(tiers.values())
    planted = truth["planted"]["tiers"]
    assert set(found) == {"kol", "contributor", "ordinary"}
    assert found["kol"] == planted["kol"]["customers"]
    assert found["contributor"] == planted["contributor"]["customers"]


def test_every_customer_of_a_story_is_in_its_segment(
    marts: duckdb.DuckDBPyConnection, shop: Path, truth: dict[str, Any]
) -> None:
    """A late order or click, or one that is counted twice."""
    stories = truth["planted"]["stories"]
    promised = {
        name: story["behavior_segment"]
        for name, story in stories.items()
        if story["behavior_segment"]
    }
    assert len(set(promised.values())) == 7
    people = [row for row in _planted(shop, "story") if row[1] in promised]
    found = _segments(marts)
    wrong = [
        (customer_id, story, found.get(customer_id))
        for customer_id, story in people
        if found.get(customer_id) != promised[story]
    ]
    assert wrong == []
    told = Counter(story for _, story in people)
    assert told == {name: stories[name]["customers"] for name in promised}


def segment_by_facts(
    today: date,
    first_seen: date,
    is_member: bool,
    orders: list[tuple[date, bool]],
    events: list[tuple[date, str]],
) -> str:
    """The contract's behaviour segment; orders are days and whether they are valid."""

    def ago(days: int) -> date:
        return today - timedelta(days=days)

    valid = [day for day, is_valid in orders if is_valid]
    seen = [first_seen, *(day for day, _ in orders), *(day for day, _ in events)]
    windows = [(ago(days + 30), ago(days)) for days in (0, 30, 60)]
    joined = any(day > ago(60) for day, kind in events if kind == "activity_join")
    if all(any(start < day <= end for day in valid) for start, end in windows):
        return "continuous"
    if max(seen) <= ago(60):
        return "silent_60d"
    if sum(day > ago(60) for day in valid) in (2, 3) and not joined:
        return "active_no_activity"
    if valid:
        return "no_repurchase_60d" if max(valid) <= ago(60) else "none"
    if not is_member:
        return "none"
    clicked = any(kind == "message_click" for _, kind in events)
    return "clicked_no_purchase" if clicked else "registered_no_purchase"


def test_every_segment_follows_from_the_facts(
    marts: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    """A customer without a segment, or in one that orders and events do not give."""
    orders: dict[str, list[tuple[date, bool]]] = defaultdict(list)
    for customer_id, *order in _rows(
        marts, "select customer_id, order_date, is_valid from marts.fct_orders"
    ):
        orders[customer_id].append((order[0], order[1]))
    events: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for customer_id, *event in _rows(
        marts, "select customer_id, event_date, event_type from marts.fct_interactions"
    ):
        events[customer_id].append((event[0], event[1]))
    customers = _rows(
        marts, "select customer_id, first_seen_at, is_member from marts.dim_customer"
    )
    today = date.fromisoformat(truth["as_of_date"])

    def local_date(moment: datetime) -> date:
        return (moment + timedelta(hours=8)).date()  # Shanghai

    expected = {
        who: segment_by_facts(
            today, local_date(seen), is_member, orders[who], events[who]
        )
        for who, seen, is_member in customers
    }
    found = _segments(marts)
    assert {who: s for who, s in found.items() if s != expected.get(who)} == {}
    assert found.keys() == expected.keys()
    assert len(set(found.values())) == 7


def test_scenes_follow_from_the_events(marts: duckdb.DuckDBPyConnection) -> None:
    """A scene of somebody who is seldom in it, or of another crowd; the wrong day."""
    days: dict[tuple[str, str], list[date]] = defaultdict(list)
    for who, named, day in _rows(
        marts,
        "select customer_id, scene, event_date from marts.fct_interactions "
        "where customer_id is not null and scene is not null order by event_date",
    ):
        days[who, named].append(day)
    often = {"work": "工作", "sleep": "睡前", "kitchen": "厨房"}
    # Of each scene: how it is called in the events, and how often one must be in it.
    of_all = {scene: (named, 3) for scene, named in often.items()}
    own = {
        "students": {"dorm": ("宿舍", 1)},
        "business_travellers": {"business_trip": ("出差", 1)},
        "mothers": {"weekend_family": ("周末亲子", 1)},
    }
    expected = {
        (who, crowd, scene): max(since, days[who, named][times - 1])
        for who, crowd, since in _rows(
            marts, "select customer_id, crowd, since_date from marts.crowd_membership"
        )
        for scene, (named, times) in (of_all | own.get(crowd, {})).items()
        if len(days[who, named]) >= times
    }
    found = _rows(
        marts, "select customer_id, crowd, scene, since_date from marts.crowd_scene"
    )
    assert {tuple(key): since for *key, since in found} == expected
    assert len(found) == len(expected)
    assert {scene for _, _, scene in expected} == {
        *of_all,
        *(s for o in own.values() for s in o),
    }
    entered = _rows(
        marts,
        "select customer_id, split_part(dimension, ':', 2), "
        "split_part(dimension, ':', 3), max(changed_on) from marts.segment_ledger "
        "where dimension like 'scene:%' group by customer_id, dimension "
        "having max_by(to_label, changed_on) <> 'none'",
    )
    assert {tuple(key): day for *key, day in entered} == expected


def _shares(counts: dict[str, Any]) -> dict[str, float | None]:
    total = sum(counts.values())
    return {name: float(n / total) if total else None for name, n in counts.items()}


def test_interests_follow_from_orders_and_events(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """An order that counts once a line, an invalid one, a look at nothing."""
    lines = _rows(
        marts,
        "select orders.customer_id, category, order_id, line_amount "
        "from marts.fct_orders as orders join marts.fct_order_lines using (order_id) "
        "join marts.dim_product using (product_id) "
        "where is_valid and category is not null",
    )
    looks = _rows(
        marts,
        "select customer_id, category, event_type from marts.fct_interactions "
        "join marts.dim_product using (product_id) "
        "where customer_id is not null and category is not null",
    )
    ordered: dict[tuple[str, str], set[str]] = defaultdict(set)
    spent: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for who, category, order_id, amount in lines:
        ordered[who, category].add(order_id)
        spent[who, category] += amount
    looked = Counter((who, category) for who, category, e in looks if e in LOOKS)
    categories: dict[str, list[str]] = defaultdict(list)
    for who, category in sorted({*ordered, *looked}):
        categories[who].append(category)
    found: dict[str, dict[str, tuple[Any, ...]]] = defaultdict(dict)
    for who, category, *row in _rows(
        marts,
        "select customer_id, category, orders, net_amount, views, order_share, "
        "spend_share, view_share, interest_rank from marts.customer_interests "
        "order by interest_rank",
    ):
        found[who][category] = tuple(row)
    assert {who: sorted(rows) for who, rows in found.items()} == categories
    assert len(found) > 1_000

    for who, rows in found.items():
        keys = [(who, category) for category in rows]
        counts = [
            {key[1]: len(ordered[key]) for key in keys},
            {key[1]: max(spent[key], Decimal(0)) for key in keys},
            {key[1]: looked[key] for key in keys},
        ]
        shares = [_shares(each) for each in counts]
        means = []
        for place, (category, row) in enumerate(rows.items(), start=1):
            assert row[:3] == tuple(each[category] for each in counts)
            there = [share[category] for share in shares]
            assert row[3:6] == pytest.approx(there, abs=1e-12)
            assert row[6] == place
            known = [share for share in there if share is not None]
            means.append(sum(known) / len(known))
        assert all(means[i] >= means[i + 1] - 1e-9 for i in range(len(means) - 1)), who


def _age_band(birth_date: date, today: date) -> str:
    birthday_is_past = (today.month, today.day) >= (birth_date.month, birth_date.day)
    age = today.year - birth_date.year - (0 if birthday_is_past else 1)
    limits = {18: "under 18", 25: "18-24", 35: "25-34", 45: "35-44", 55: "45-54"}
    return next((band for limit, band in limits.items() if age < limit), "55 and over")


def _profiled(marts: duckdb.DuckDBPyConnection, today: date) -> list[dict[str, Any]]:
    """Each customer with the values that they are compared by."""
    columns = ("customer_id", "birth_date", "gender", "household", "city_tier", OWN)
    people = [
        dict(zip(columns, row, strict=True))
        for row in _rows(
            marts,
            f"select {', '.join(columns[:-1])}, attributes ->> 'skin_type' "
            "from marts.dim_customer",
        )
    ]
    likes = dict(
        _rows(
            marts,
            "select customer_id, category from marts.customer_interests "
            "where interest_rank = 1",
        )
    )
    for person in people:
        born = person.pop("birth_date")
        person["age_band"] = _age_band(born, today) if born else None
        person["interest"] = likes.get(person["customer_id"])
    return people


def _chance_of_up_to(count: int, size: int, share: float) -> float:
    """The chance of at most so many of ``size`` if each is one with this chance."""
    return math.fsum(
        math.comb(size, k) * share**k * (1 - share) ** (size - k)
        for k in range(count + 1)
    )


def _p_value(count: int, size: int, base: int, total: int) -> float:
    """Of so many with a value among ``size`` drawn of all: twice the smaller tail."""
    ways = {
        k: math.comb(base, k) * math.comb(total - base, size - k)
        for k in range(max(0, size - (total - base)), min(size, base) + 1)
    }
    below = sum(n for k, n in ways.items() if k <= count)
    above = sum(n for k, n in ways.items() if k >= count)
    return min(1.0, 2 * min(below, above) / math.comb(total, size))


def test_the_profile_of_a_crowd_is_right(
    marts: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    """Shares of the wrong whole, an index without its interval, chance as a finding."""
    alone = _people(marts, "living_alone")
    people = _profiled(marts, date.fromisoformat(truth["as_of_date"]))
    found = {
        (attribute, value): row
        for attribute, value, *row in _rows(
            marts,
            "select attribute, value, customers, audience_customers, share, "
            "base_share, tgi, ci_low, ci_high, p_value from marts.audience_profile "
            "where audience = 'crowd:living_alone'",
        )
    }
    for attribute in ("gender", "household", "city_tier", "age_band", "interest", OWN):
        base = Counter(p[attribute] for p in people if p[attribute])
        ours = Counter(
            p[attribute] for p in people if p[attribute] and p["customer_id"] in alone
        )
        total, size = base.total(), ours.total()
        assert {value for a, value in found if a == attribute} == set(base)
        for value, in_base in base.items():
            row = found[attribute, value]
            n = ours[value]
            share, base_share = n / size, in_base / total
            tgi = 100 * share / base_share
            assert row[:2] == [n, size]
            assert row[2:5] == pytest.approx([share, base_share, tgi], rel=1e-12)
            low, high = (end / 100 * base_share for end in row[5:7])
            # The ends are the shares at which so few or so many are a rare chance.
            if n > 0:
                assert 1 - _chance_of_up_to(n - 1, size, low) == pytest.approx(0.025)
            else:
                assert low == 0
            if n < size:
                assert _chance_of_up_to(n, size, high) == pytest.approx(0.025)
            else:
                assert high == pytest.approx(1)
            p_value = _p_value(n, size, in_base, total)
            assert row[7] == pytest.approx(p_value, rel=1e-6, abs=1e-12)


def test_findings_are_corrected_for_their_number(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """Among thousands of comparisons one in twenty is small by chance alone."""
    rows = _rows(
        marts,
        "select p_value, significant from marts.audience_profile order by p_value desc",
    )
    smallest = 1.0
    expected = []
    for rank, (p_value, _) in zip(range(len(rows), 0, -1), rows, strict=True):
        smallest = min(smallest, p_value * len(rows) / rank)
        expected.append(smallest <= 0.05)
    assert [significant for _, significant in rows] == expected
    assert 0 < sum(expected) < sum(p_value <= 0.05 for p_value, _ in rows)


def test_the_favourites_of_a_crowd_are_seen(
    marts: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    """A profile in which what was planted does not show."""
    for crowd, planted in truth["planted"]["crowds"].items():
        favourite = planted["favourite_categories"][0]
        [(tgi, low, significant)] = _rows(
            marts,
            "select tgi, ci_low, significant from marts.audience_profile "
            "where audience = ? and attribute = 'interest' and value = ?",
            f"crowd:{crowd}",
            favourite,
        )
        assert tgi > 120, crowd
        assert low > 100, crowd
        assert significant, crowd


def test_the_wide_row_repeats_the_labels(
    marts: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    """A customer who is doubled by a join, or left out by one; a label of another."""
    labels = {
        "rfm_segment": "select customer_id, rfm_segment from marts.rfm_scores",
        "aipl_stage": "select customer_id, stage from marts.aipl_stage",
        "lifecycle_state": "select customer_id, state from marts.customer_lifecycle",
        "behavior_segment": "select customer_id, segment from marts.behavior_segment",
        "identity_tier": "select customer_id, tier from marts.identity_tier",
        "crowds": "select customer_id, string_agg(crowd, ', ' order by crowd) "
        "from marts.crowd_membership group by customer_id",
        "scenes": "select customer_id, string_agg(distinct scene, ', ' order by scene) "
        "from marts.crowd_scene group by customer_id",
        "interest": "select customer_id, category from marts.customer_interests "
        "where interest_rank = 1",
    }
    customers = truth["counts"]["customers"]
    assert _rows(
        marts, "select count(*), count(distinct customer_id) from marts.customer_360"
    ) == [(customers, customers)]
    for column, query in labels.items():
        wide = _rows(marts, f"select customer_id, {column} from marts.customer_360")
        assert {who: label for who, label in wide if label} == dict(_rows(marts, query))
