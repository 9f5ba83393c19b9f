"""The AIPL flow between two days: on literal marts, and against a plain reference."""

from __future__ import annotations

import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from support.shops import Shop
from typer.testing import CliRunner

from pipeline.cli import app, err, out
from pipeline.errors import SiyuError
from pipeline.report.flow import (
    DIMENSIONS,
    MOVEMENTS,
    STAGE_LABELS,
    flow_between,
    movements_between,
    print_flow,
)

D0, D1, AS_OF = date(2025, 6, 10), date(2025, 6, 20), date(2025, 6, 30)
SHANGHAI = "Asia/Shanghai"
LONG_AGO = datetime(2024, 1, 1)
# customer_id, stage, valid_from, valid_to
Stay = tuple[str, str, str, str | None]

TABLES = """
create schema if not exists marts;
create or replace table marts.published (table_name text, as_of_date date);
create or replace table marts.aipl_stage_history (
    customer_id text, stage text, valid_from date, valid_to date
);
create or replace table marts.dim_customer (
    customer_id text, first_seen_at timestamp, acquisition_channel text,
    acquisition_campaign_id text, persona text, region text, city_tier text,
    gender text, household text, occupation text, role text,
    is_member boolean default false, wecom_bound boolean default false,
);
create or replace table marts.rfm_scores (
    customer_id text, rfm_segment text, value_tier text
);
create or replace table marts.crowd_membership (
    as_of_date date, customer_id text, crowd text, cause text
);
"""
MARTS = ["aipl_stage_history", "dim_customer", "rfm_scores", "crowd_membership"]


@dataclass
class Marts:
    """Published marts, made of literal rows."""

    connection: duckdb.DuckDBPyConnection
    timezone: str = SHANGHAI

    def __post_init__(self) -> None:
        self.connection.execute(TABLES)
        for mart in MARTS:
            self._insert("published", table_name=mart, as_of_date=AS_OF)

    def customer(
        self, name: str, first_seen_at: datetime | None = LONG_AGO, **columns: Any
    ) -> Marts:
        self._insert(
            "dim_customer", customer_id=name, first_seen_at=first_seen_at, **columns
        )
        return self

    def stays(self, *stays: Stay) -> Marts:
        """Add stays, and a customer for each that is new."""
        for stay in stays:
            self.connection.execute(
                "insert into marts.aipl_stage_history values (?, ?, ?, ?)", list(stay)
            )
            known = self.connection.execute(
                "select 1 from marts.dim_customer where customer_id = ?", [stay[0]]
            )
            if not known.fetchone():
                self.customer(stay[0])
        return self

    def crowd(self, customer: str, *crowds: str) -> Marts:
        for crowd in crowds:
            self._insert("crowd_membership", customer_id=customer, crowd=crowd)
        return self

    def scored(self, customer: str, segment: str, tier: str) -> Marts:
        self._insert(
            "rfm_scores", customer_id=customer, rfm_segment=segment, value_tier=tier
        )
        return self

    def unpublish(self, mart: str) -> Marts:
        self.connection.execute(f"drop table marts.{mart}")
        self.connection.execute(
            "delete from marts.published where table_name = ?", [mart]
        )
        return self

    def _insert(self, mart: str, **columns: Any) -> None:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        self.connection.execute(
            f"insert into marts.{mart} ({names}) values ({marks})",
            list(columns.values()),
        )

    def flow(self, d0: date = D0, d1: date = D1) -> dict[str, int]:
        """The cells that are not zero, as ``from>to``."""
        flow = flow_between(self.connection, self.timezone, d0, d1)
        assert len(flow) == 25
        return {
            f"{a}>{b}": customers for (a, b), customers in flow.items() if customers
        }

    def moved(self, by: str | None = None) -> dict[str | None, dict[str, int]]:
        """Per value the counts that are not zero, without the sizes."""
        rows = movements_between(self.connection, self.timezone, D0, D1, by)
        return {
            row.value: {n: getattr(row, n) for n in MOVEMENTS if getattr(row, n)}
            for row in rows
        }


@pytest.fixture
def marts() -> Iterator[Marts]:
    with duckdb.connect() as connection:
        yield Marts(connection)


def test_every_customer_is_in_one_cell(marts: Marts) -> None:
    """Customers without a stage, or without any stay, that fall out of the matrix."""
    marts.stays(
        ("stays", "A", "2025-06-01", None),
        ("rises", "A", "2025-06-01", "2025-06-15"),
        ("rises", "I", "2025-06-15", "2025-06-18"),
        ("rises", "L", "2025-06-18", None),
        ("falls", "P", "2025-06-01", "2025-06-15"),
        ("falls", "I", "2025-06-15", None),
        ("leaves", "I", "2025-06-01", "2025-06-15"),
        ("enters", "P", "2025-06-15", None),
        ("too late", "P", "2025-06-25", None),
        ("between", "P", "2025-06-12", "2025-06-15"),
    ).customer("never")
    assert marts.flow() == {
        "A>A": 1,
        "A>L": 1,
        "P>I": 1,
        "I>none": 1,
        "none>P": 1,
        "none>none": 3,
    }


@pytest.mark.parametrize(
    ("begins", "ends", "cell"),
    [
        ("2025-06-10", None, "P>P"),
        ("2025-06-11", None, "none>P"),
        ("2025-06-20", None, "none>P"),
        ("2025-06-21", None, "none>none"),
        ("2025-06-01", "2025-06-10", "none>none"),
        ("2025-06-01", "2025-06-11", "P>none"),
        ("2025-06-01", "2025-06-20", "P>none"),
        ("2025-06-01", "2025-06-21", "P>P"),
    ],
)
def test_a_stay_holds_from_its_first_day_until_before_its_last(
    marts: Marts, begins: str, ends: str | None, cell: str
) -> None:
    """An end that counts as a day of the stay, or a beginning that does not."""
    assert marts.stays(("c", "P", begins, ends)).flow() == {cell: 1}


def test_a_day_between_two_stays_belongs_to_the_second(marts: Marts) -> None:
    """A customer who is counted twice on the day of a change."""
    marts.stays(
        ("c", "A", "2025-06-01", "2025-06-10"),
        ("c", "P", "2025-06-10", "2025-06-20"),
        ("c", "L", "2025-06-20", None),
    )
    assert marts.flow() == {"P>L": 1}


def test_customers_who_are_known_later_do_not_count(marts: Marts) -> None:
    """Customers of the future in a past flow; or the always known left out of it."""
    marts.customer("before", datetime(2025, 6, 1)).customer("always", None)
    marts.customer("between", datetime(2025, 6, 15))
    marts.customer("after", datetime(2025, 6, 25))
    marts.stays(
        ("before", "I", "2025-06-01", None),
        ("between", "I", "2025-06-15", None),
        ("after", "I", "2025-06-25", None),
    )
    assert marts.flow() == {"I>I": 1, "none>I": 1, "none>none": 1}


def test_who_was_not_known_was_in_no_stage(marts: Marts) -> None:
    """A stay that the history dates back before the customer was seen."""
    marts.customer("c", datetime(2025, 6, 15)).stays(("c", "I", "2025-06-01", None))
    assert marts.flow() == {"none>I": 1}


@pytest.mark.parametrize(
    ("seen_at", "timezone", "counted"),
    [
        ("2025-06-20 15:59:59", SHANGHAI, True),
        ("2025-06-20 16:00:00", SHANGHAI, False),  # already the 21st there
        ("2025-06-21 03:59:59", "America/New_York", True),  # still the 20th there
        ("2025-06-21 04:00:00", "America/New_York", False),
    ],
)
@pytest.mark.parametrize("session", ["UTC", "Asia/Tokyo"])
def test_known_is_a_day_of_the_shop(
    marts: Marts, seen_at: str, timezone: str, counted: bool, session: str
) -> None:
    """A day of UTC, or of the machine, taken for a day of the shop."""
    marts.connection.execute(f"set TimeZone = '{session}'")
    marts.timezone = timezone
    marts.customer("c", datetime.fromisoformat(seen_at))
    assert sum(marts.flow().values()) == counted


@pytest.mark.parametrize(
    ("earlier", "movement"),
    [
        ([], "entered"),
        ([("c", "A", "2025-06-12", "2025-06-13")], "entered"),
        ([("c", "A", "2025-06-01", "2025-06-10")], "returned"),
        ([("c", "A", "2025-01-01", "2025-01-02")], "returned"),
    ],
)
def test_who_had_a_stay_returns(
    marts: Marts, earlier: list[Stay], movement: str
) -> None:
    """A lapsed customer celebrated as new, or a short first stay taken for a past."""
    marts.stays(*earlier, ("c", "P", "2025-06-15", None))
    assert marts.moved() == {None: {movement: 1}}


@pytest.mark.parametrize("before", STAGE_LABELS)
@pytest.mark.parametrize("after", STAGE_LABELS)
def test_up_is_from_awareness_to_loyalty(marts: Marts, before: str, after: str) -> None:
    """Stages compared as letters, by which L is below P."""
    if before != "none":
        marts.stays(("c", before, "2025-06-01", "2025-06-15"))
    if after != "none":
        marts.stays(("c", after, "2025-06-15", None))
    order = "AIPL"
    if before == after:
        expected = "stayed" if before in order else "outside"
    elif after == "none":
        expected = "left"
    elif before == "none":
        expected = "entered"
    else:
        is_up = order.index(before) < order.index(after)
        expected = "upgraded" if is_up else "downgraded"
    marts.customer("c") if before == after == "none" else None
    assert marts.moved() == {None: {expected: 1}}


def test_customers_without_a_value_are_a_value(marts: Marts) -> None:
    """A split that loses those of whom nothing is known."""
    marts.customer("a", region="east").customer("b", region="east")
    marts.customer("c", region="west").customer("d").customer("e").customer("f")
    marts.stays(("a", "A", "2025-06-01", None), ("d", "P", "2025-06-15", None))
    rows = movements_between(marts.connection, SHANGHAI, D0, D1, "region")
    assert [(row.value, row.customers) for row in rows] == [
        (None, 3),
        ("east", 2),
        ("west", 1),
    ]
    assert [(row.from_size, row.to_size) for row in rows] == [(0, 1), (1, 1), (0, 0)]
    assert marts.moved("region")[None] == {"entered": 1, "outside": 2}


def test_values_of_one_size_have_an_order(marts: Marts) -> None:
    """Two runs of one question with their rows in a different order."""
    for name in ("b", "c", "a"):
        marts.customer(name, persona=name)
    marts.customer("d")
    assert list(marts.moved("persona")) == ["a", "b", "c", None]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("channel", {"app": 1, None: 1}),
        ("campaign", {"k": 1, None: 1}),
        ("persona", {"sister": 1, None: 1}),
        ("region", {"east": 1, None: 1}),
        ("city_tier", {"1": 1, None: 1}),
        ("gender", {"f": 1, None: 1}),
        ("household", {"two": 1, None: 1}),
        ("occupation", {"nurse": 1, None: 1}),
        ("role", {"kol": 1, None: 1}),
        ("member", {"yes": 1, "no": 1}),
        ("wecom", {"yes": 1, "no": 1}),
        ("rfm_segment", {"loyal": 1, None: 1}),
        ("value_tier", {"high": 1, None: 1}),
        ("crowd", {"mothers": 1, None: 1}),
    ],
)
def test_each_dimension_reads_its_column(
    marts: Marts, by: str, expected: dict[str | None, int]
) -> None:
    """A dimension that shows the values of another."""
    marts.customer(
        "c",
        acquisition_channel="app",
        acquisition_campaign_id="k",
        persona="sister",
        region="east",
        city_tier="1",
        gender="f",
        household="two",
        occupation="nurse",
        role="kol",
        is_member=True,
        wecom_bound=by == "wecom",
    )
    marts.customer("d", is_member=by != "member")
    marts.scored("c", "loyal", "high").crowd("c", "mothers")
    rows = movements_between(marts.connection, SHANGHAI, D0, D1, by)
    assert {row.value: row.customers for row in rows} == expected


def test_the_test_above_knows_all_dimensions() -> None:
    """A new dimension without a test."""
    (mark,) = test_each_dimension_reads_its_column.pytestmark
    assert {by for by, _ in mark.args[1]} == set(DIMENSIONS)


def test_a_customer_counts_in_each_crowd(marts: Marts) -> None:
    """A customer of two crowds who is missing from one of them."""
    marts.stays(("both", "A", "2025-06-01", None), ("one", "P", "2025-06-01", None))
    marts.customer("none")
    marts.crowd("both", "mothers", "students").crowd("one", "students")
    assert marts.moved("crowd") == {
        "students": {"stayed": 2},
        "mothers": {"stayed": 1},
        None: {"outside": 1},
    }
    assert marts.moved() == {None: {"stayed": 2, "outside": 1}}


# Days are counted from START; the flow is from FIRST to LAST at the widest.
START = date(2025, 3, 20)
DAYS = st.integers(0, 40)
MINUTES = st.integers(0, 40 * 24 * 60)


@dataclass
class Person:
    """A customer of the reference: first seen, and stays as (stage, from, to)."""

    seen_at: datetime | None
    stays: list[tuple[str, date, date | None]] = field(default_factory=list)
    channel: str | None = None
    crowds: frozenset[str] = frozenset()

    def stage(self, day: date) -> str:
        for stage, begins, ends in self.stays:
            if begins <= day and (ends is None or day < ends):
                return stage
        return "none"

    def known_on(self, day: date, zone: str) -> bool:
        if self.seen_at is None:
            return True
        seen_at = self.seen_at.replace(tzinfo=timezone.utc)
        return seen_at.astimezone(ZoneInfo(zone)).date() <= day

    def flow(self, d0: date, d1: date, zone: str) -> tuple[str, str]:
        before = self.stage(d0) if self.known_on(d0, zone) else "none"
        return before, self.stage(d1)

    def movement(self, d0: date, d1: date, zone: str) -> str:
        before, after = self.flow(d0, d1, zone)
        if before == after:
            return "outside" if before == "none" else "stayed"
        if after == "none":
            return "left"
        if before == "none":
            had_stay = any(begins <= d0 for _, begins, _ in self.stays)
            return "returned" if had_stay else "entered"
        return (
            "upgraded" if "AIPL".index(before) < "AIPL".index(after) else "downgraded"
        )


@st.composite
def people(draw: st.DrawFn) -> Person:
    """Stays that never overlap, next to each other or apart, the last maybe open."""
    edges = sorted(draw(st.sets(DAYS, max_size=8)))
    days: list[date | None] = [START + timedelta(edge) for edge in edges]
    if draw(st.booleans()):
        days.append(None)
    stays = []
    for begins, ends in itertools.pairwise(days):
        stage = draw(st.sampled_from(["A", "I", "P", "L", None, None]))
        if stage and begins:
            stays.append((stage, begins, ends))
    minutes = draw(st.none() | MINUTES)
    midnight = datetime(START.year, START.month, START.day)
    return Person(
        None if minutes is None else midnight + timedelta(minutes=minutes),
        stays,
        draw(st.sampled_from(["app", "store", None])),
        draw(st.frozensets(st.sampled_from(["mothers", "students"]))),
    )


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


# The clocks change in these weeks, in the second at midnight.
@given(
    st.lists(people(), max_size=8),
    st.sets(DAYS, min_size=2, max_size=2),
    st.sampled_from([SHANGHAI, "Africa/Cairo", "Europe/London"]),
)
def test_the_flow_is_that_of_a_plain_reference(
    engine: duckdb.DuckDBPyConnection, persons: list[Person], days: set[int], zone: str
) -> None:
    """Any mistake in the SQL that no example above shows; and the conservation laws."""
    d0, d1 = (START + timedelta(day) for day in sorted(days))
    marts = Marts(engine, zone)
    for number, person in enumerate(persons):
        name = f"c{number}"
        marts.customer(name, person.seen_at, acquisition_channel=person.channel)
        marts.stays(*((name, *stay) for stay in person.stays))  # type: ignore[arg-type]
        marts.crowd(name, *person.crowds)

    counted = [person for person in persons if person.known_on(d1, zone)]
    flow = flow_between(engine, zone, d0, d1)
    expected = Counter(person.flow(d0, d1, zone) for person in counted)
    assert {cell: n for cell, n in flow.items() if n} == dict(expected)
    for stage in STAGE_LABELS:
        before = [p.stage(d0) if p.known_on(d0, zone) else "none" for p in counted]
        after = [person.stage(d1) for person in counted]
        assert sum(flow[stage, to] for to in STAGE_LABELS) == before.count(stage)
        assert sum(flow[a, stage] for a in STAGE_LABELS) == after.count(stage)

    values = {
        None: lambda _: [None],
        "channel": lambda person: [person.channel],
        "crowd": lambda person: person.crowds or [None],
    }
    for by, values_of in values.items():
        moved = Counter(
            (value, person.movement(d0, d1, zone))
            for person in counted
            for value in values_of(person)
        )
        rows = movements_between(engine, zone, d0, d1, by)
        got = {(r.value, n): asdict(r)[n] for r in rows for n in MOVEMENTS}
        assert {key: n for key, n in got.items() if n} == dict(moved)
        for row in rows:
            in_both = row.stayed + row.upgraded + row.downgraded
            assert row.from_size == in_both + row.left
            assert row.to_size == in_both + row.returned + row.entered
            assert row.customers == row.from_size + row.returned + row.entered + (
                row.outside
            )


@pytest.fixture
def published(shop: Shop) -> Shop:
    """A published database of a few customers, with values that look like markup."""
    shop.keys["shop"] = {"name": "test [/x]"}
    shop.source().warehouse.prepare()
    with duckdb.connect(str(shop.warehouse.database)) as connection:
        marts = Marts(connection)
        marts.customer("a", region="[/b]").customer("b", region="[/b]").customer("c")
        marts.stays(
            ("a", "A", "2025-06-01", "2025-06-15"),
            ("a", "P", "2025-06-15", None),
            ("b", "A", "2025-06-01", None),
            ("c", "P", "2025-06-15", None),
        )
        marts.crowd("a", "mothers", "students")
    return shop


def change(shop: Shop, mart: str) -> None:
    """Take a mart away."""
    with duckdb.connect(str(shop.warehouse.database)) as connection:
        connection.execute(f"drop table marts.{mart}")
        connection.execute("delete from marts.published where table_name = ?", [mart])


def page(
    shop: Shop, by: str | None = None, d0: date = D0, d1: date = D1, width: int = 160
) -> str:
    text = io.StringIO()
    print_flow(Console(file=text, width=width), shop.settings, d0, d1, by)
    return text.getvalue()


@pytest.mark.parametrize("width", [80, 160])
def test_the_page_shows_the_matrix_and_the_movements(
    published: Shop, width: int
) -> None:
    """A count beside the wrong label, or cut off on a narrow terminal."""
    text = page(published, width=width)
    assert re.search(r"A Awareness 认知 +0 +1 +0 +1 +0 +2\n", text)
    assert re.search(r"none No stage 无阶段 +0 +0 +0 +1 +0 +1\n", text)
    assert re.search(r"total 合计 +0 +1 +0 +2 +0 +3\n", text)
    assert re.search(r"stayed 留存 +1 +33\.3% +in the same stage", text)
    assert re.search(r"entered 新进 +1 +33\.3%", text)
    assert re.search(r"returned 回流 +0 +0\.0%", text)
    for label, label_zh in STAGE_LABELS.values():
        assert label in text
        assert label_zh in text
    assert "…" not in text


def test_the_page_of_a_day_before_all_customers(published: Shop) -> None:
    """A share of nobody."""
    text = page(published, d0=date(2020, 1, 1), d1=date(2020, 1, 2))
    assert "No customer was known on 2020-01-02." in text


def test_the_page_by_a_dimension(published: Shop) -> None:
    """A value that is taken for markup, or one that is missing and not shown."""
    text = page(published, "region")
    assert re.search(r"\[/b\] +2 +2 +2 +1 +1 +0 +0 +0 +0 +0\n", text)
    assert re.search(r"– +1 +0 +1 +0 +0 +0 +0 +0 +1 +0\n", text)
    assert "The region of a customer is that of 2025-06-30" in text
    assert "crowds" not in text
    assert "others" not in text


def test_the_page_by_a_dimension_on_a_narrow_terminal(published: Shop) -> None:
    """Columns that are cut off where the terminal has 80 columns."""
    text = page(published, "region", width=80)
    assert re.search(r"\[/b\] +2 +2 +2\n", text)
    assert re.search(r"\[/b\] +1 +1 +0 +0 +0 +0 +0\n", text)
    assert "…" not in text


def test_numbers_of_a_large_shop_are_whole_on_a_narrow_terminal(
    published: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number of which only the first digits are shown."""
    from pipeline.report import flow as module

    large = 9_999_999
    cells = {(a, b): large // 5 for a in STAGE_LABELS for b in STAGE_LABELS}
    row = module.Movements("a long name of a value", *[large] * 10)
    monkeypatch.setattr(module, "flow_between", lambda *_: cells)
    monkeypatch.setattr(module, "movements_between", lambda *_: [row])
    assert page(published, width=80).count("9,999,995") == 10
    assert "…" not in page(published, width=80)
    assert page(published, "region", width=80).count("9,999,999") == 10


def test_the_page_by_crowd_says_that_customers_repeat(published: Shop) -> None:
    """Rows whose sum is taken for the number of customers."""
    assert "A customer counts in each of their crowds" in page(published, "crowd")


def test_values_beyond_the_shown_are_summed(published: Shop) -> None:
    """A long list that is cut without a word."""
    with duckdb.connect(str(published.warehouse.database)) as connection:
        connection.execute(
            "insert into marts.dim_customer (customer_id, region) "
            "select 'x' || i, 'r' || i from range(40) as t(i)"
        )
    text = page(published, "region")
    assert len(re.findall(r"^r\d+ ", text, flags=re.MULTILINE)) == 29
    # The customer of no region is among them: equal sizes have the null last.
    assert "The 12 smallest values are summed up as others" in text
    assert re.search(r"12 others 其他 +12 +0 +1 +0 +0 +0 +0 +0 +1 +11\n", text)


def test_nothing_is_published(shop: Shop) -> None:
    """A traceback, or an empty database made, before the first run."""
    with pytest.raises(
        SiyuError, match="nothing has been published yet; run `siyu run`"
    ):
        page(shop.source())
    assert not shop.warehouse.root.exists()


@pytest.mark.parametrize("d1", [D0, D0 - timedelta(1)])
def test_days_that_are_not_in_order(published: Shop, d1: date) -> None:
    """A flow back in time, or of one day with itself."""
    with pytest.raises(SiyuError, match=f"--from {D0} must be before --to {d1}"):
        page(published, d1=d1)


def test_the_last_day_is_the_as_of_date(published: Shop) -> None:
    """A day of which nothing is known shown as one on which all stay."""
    assert "2025-06-30" in page(published, d1=AS_OF)
    with pytest.raises(SiyuError, match="--to 2025-07-01 is after 2025-06-30"):
        page(published, d1=AS_OF + timedelta(1))


def test_an_unknown_dimension(published: Shop) -> None:
    """A slip of the pen that is answered without the names there are."""
    expected = r"'chanel'\. Did you mean 'channel'\? Dimensions are channel, campaign,"
    with pytest.raises(SiyuError, match=expected):
        page(published, "chanel")
    with pytest.raises(SiyuError, match="no dimension ''"):
        page(published, "")


@pytest.mark.parametrize(
    ("mart", "by", "says"),
    [
        ("rfm_scores", "value_tier", "--by value_tier needs the table"),
        ("crowd_membership", "crowd", "--by crowd needs the table"),
        ("aipl_stage_history", "crowd", "the flow needs the table"),
        ("aipl_stage_history", None, "the flow needs the table"),
    ],
)
def test_a_mart_that_is_not_published(
    published: Shop, mart: str, by: str | None, says: str
) -> None:
    """An error of the database where a table is of a later version."""
    change(published, mart)
    expected = f"{says} marts.{mart}, which is not published"
    with pytest.raises(SiyuError, match=expected):
        page(published, by)


def test_a_mart_that_is_not_asked_for_may_be_missing(published: Shop) -> None:
    """A question refused for a table that it does not need."""
    change(published, "crowd_membership")
    assert "stayed" in page(published)
    assert "[/b]" in page(published, "region")


def siyu(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> tuple[int, str]:
    """Run a command as a user types it, on a wide terminal."""
    for console in (out, err):
        monkeypatch.setattr(console, "_width", 200)
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    unexpected = result.exception
    assert unexpected is None or isinstance(unexpected, SystemExit), unexpected
    return result.exit_code, result.output


def test_the_command(
    published: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An option that does not reach the question."""
    asked = ["flow", "--config", published.config, "--from", D0, "--to", D1]
    code, output = siyu(monkeypatch, *asked)
    assert code == 0
    assert "test [/x] · 2025-06-10 → 2025-06-20" in output
    assert re.search(r"A Awareness 认知 +0 +1 +0 +1 +0 +2\n", output)
    code, output = siyu(monkeypatch, *asked, "--by", "crowd")
    assert code == 0
    assert re.search(r"students +1 +1 +1 ", output)
    code, output = siyu(monkeypatch, *asked, "--warehouse", tmp_path / "other")
    assert code == 1
    assert "nothing has been published yet" in output


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--from", "2025-06-10"], 2, "Missing option '--to'"),
        (["--to", "2025-06-10"], 2, "Missing option '--from'"),
        (
            ["--from", "2025-06-31", "--to", "2025-07-01"],
            2,
            "'2025-06-31' is not a day written YYYY-MM-DD",
        ),
        (
            ["--from", "2025-06-10", "--to", "2025-06-20", "--by", "regoin"],
            1,
            "Did you mean 'region'?",
        ),
    ],
)
def test_mistakes_in_the_command(
    published: Shop,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    says: str,
) -> None:
    """A mistake that is answered with a traceback, or not at all."""
    asked = ["flow", "--config", published.config, *arguments]
    result, output = siyu(monkeypatch, *asked)
    assert result == code
    assert says in output


def test_the_help_names_every_dimension(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dimension that nobody learns of."""
    _, output = siyu(monkeypatch, "flow", "--help")
    words = set(re.findall(r"\w+", output))
    assert set(DIMENSIONS) <= words
