"""The rule engine against a plain reference: every operator, nulls, groups, priorities.

Drawn are facts of customers and rules about them. The models find from when to when
each label holds; the reference looks at every day of the ledger on its own and knows
nothing of spans.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from support.label_tables import STAGES, label_tables
from support.sql_models import build_models, models_between
from support.zones import ZONES, first_or_last_second

AS_OF = date(2024, 3, 31)
LEDGER_DAYS = 40
POINTS = {"share": 10, "search": 1}
FOREVER = date(9999, 12, 31)
PLAYS = ("warm", "wake_up", "quiet", "reactivate", "reach")
PAUSED = "three"  # the audience that is not enabled
LEDGER_START = AS_OF - timedelta(LEDGER_DAYS - 1)
NUMBERS = ("=", "!=", "<", "<=", ">", ">=", "between")
LABELS = (STAGES, "int_rfm_periods", "int_lifecycle_periods")
GIVEN = (
    *("dim_customer", "rfm_scores", "int_interest_ranks", "int_order_kinds"),
    *("int_order_days", "int_customer_days", "int_scene_days", "fct_orders", *LABELS),
    *("behavior_segments", "crowd_rules", "scene_rules", "identity_tiers"),
    *("contribution_points", "plays", "audiences", "audience_rules", "int_holdouts"),
    *("int_journey_due", "int_journey_exits", "int_touched_customers"),
)
WANTED = ("int_label_history", "segment_ledger", "audience_changes")
TABLES = """
create table dim_customer (
    customer_id varchar, first_seen_at timestamp, registered_at timestamp,
    is_member boolean, birth_date date, attributes varchar, gender varchar,
    region varchar, city_tier varchar, household varchar, occupation varchar,
    role varchar, persona varchar, group_id varchar, acquisition_channel varchar,
    acquisition_campaign_id varchar, wecom_bound boolean
);
create table rfm_scores (
    customer_id varchar, rfm_class varchar, value_tier varchar, r_score int,
    f_score int, m_score int
);
create table int_interest_ranks (
    customer_id varchar, interest varchar, interest_2 varchar, interest_3 varchar
);
create table int_order_kinds (
    customer_id varchar, order_date date, is_sample_order boolean
);
create table int_order_days (
    customer_id varchar, day date, orders bigint, amount decimal(18, 4)
);
create table int_customer_days (
    customer_id varchar, day date, behavior varchar, events bigint
);
create table int_scene_days (
    customer_id varchar, day date, scene varchar, events bigint
);
create table fct_orders (customer_id varchar, order_date date);
create table int_touched_customers (customer_id varchar);
create table int_journey_due (
    touch_id varchar, customer_id varchar, journey varchar, step varchar, priority int
);
create table int_journey_exits (touch_id varchar);
create table crowd_rules (
    priority int, crowd varchar, rule_id varchar, attribute varchar, operator varchar,
    value varchar, value_to varchar
);
create table scene_rules as
    select * exclude crowd, crowd as scene from crowd_rules;
create table identity_tiers as
    select * exclude crowd, crowd as tier from crowd_rules;
create table audience_rules as
    select * exclude crowd, crowd as audience from crowd_rules;
create table audiences (audience varchar, enabled boolean);
create table int_holdouts (
    holdout varchar, scope varchar, scope_name varchar, customer_id varchar,
    is_held_out boolean
);
create table plays (
    priority int, stage varchar, segment varchar, min_idle_days int,
    max_idle_days int, play varchar
);
create table behavior_segments (
    priority int, segment varchar, is_member boolean, min_orders int, max_orders int,
    recent_days int, min_recent_orders int, max_recent_orders int,
    min_days_since_order int, consecutive_windows int, window_days int,
    min_silent_days int, no_activity_days int, min_message_clicks int
);
create table contribution_points (behavior varchar, points int);
insert into contribution_points values ('share', 10), ('search', 1);
"""
TABLES += label_tables(LABELS)


@dataclass(frozen=True)
class Customer:
    """What is known of a customer; days are counted back from the as-of date."""

    seen: int | None
    member_since: int | None
    birth_date: date | None
    region: str | None
    skin: str | None
    stage: tuple[str, int, int] | None
    facts: tuple[tuple[int, str], ...]  # days ago, behaviour

    def seen_on(self) -> date | None:
        """The day on which they were first seen, if it is known."""
        days = [ago for ago, _ in self.facts]
        days += [ago for ago in (self.seen, self.member_since) if ago is not None]
        return AS_OF - timedelta(max(days)) if days else None

    def first_day(self) -> date:
        """The first day on which rules look at them."""
        return max(self.seen_on() or LEDGER_START, LEDGER_START)


@dataclass(frozen=True)
class Condition:
    """A row of a rule file."""

    attribute: str
    operator: str
    value: str | None = None
    value_to: str | None = None


@dataclass(frozen=True)
class Rule:
    """Conditions that must all hold, for a label of a priority."""

    label: str
    priority: int
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Play:
    """A row of plays: for a stage or for a segment, and for days of idleness."""

    play: str
    stage: str | None
    segment: str | None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Plays:
    """The plays, of which the first that fits is chosen, and the segments they name."""

    rows: tuple[Play, ...]
    segments: tuple[Rule, ...]


# The reference ------------------------------------------------------------------------


def value_on(
    customer: Customer, attribute: str, day: date, plays: Plays | None = None
) -> str | None:
    """Return the attribute's value on the day, as text."""
    ago, since = (AS_OF - day).days, customer.member_since
    simple = {
        "region": customer.region,
        "member:skin": customer.skin,
        "age": customer.birth_date and age(customer.birth_date, day),
        "is_member": str(ago in range(0 if since is None else since + 1)).lower(),
        "aipl_stage": stage_on(customer, ago),
        "days_silent": days_silent(customer, day),
        "days_idle": days_idle(customer, ago),
        "play": plays and play_on(customer, day, plays),
        "contribution_points": str(
            sum(POINTS.get(b, 0) for a, b in customer.facts if a >= ago)
        ),
    }
    return (
        simple[attribute] if attribute in simple else count_on(customer, attribute, ago)
    )


def stage_on(customer: Customer, ago: int) -> str | None:
    """Return the stage of so many days ago."""
    if customer.stage is None:
        return None
    stage, first, end = customer.stage
    return stage if first >= ago > end else None


def days_silent(customer: Customer, day: date) -> str:
    """Days since anything was done, or since they were first seen."""
    known = (day - (customer.seen_on() or date(1970, 1, 1))).days
    ago = (AS_OF - day).days
    return str(min([*(a - ago for a, _ in customer.facts if a >= ago), known]))


def days_idle(customer: Customer, ago: int) -> str | None:
    """Days since they did anything themselves."""
    done = [a - ago for a, b in customer.facts if a >= ago and b != "message_delivered"]
    return str(min(done)) if done else None


def play_on(customer: Customer, day: date, plays: Plays) -> str | None:
    """The first play that fits; who never acted is idle longest."""
    ago = (AS_OF - day).days
    stage = stage_on(customer, ago) or "none"
    segment = [rule.label for rule in labels_on(customer, plays.segments, day)]
    idle = float(days_idle(customer, ago) or "inf")
    for row in plays.rows:
        is_idle = (row.least or 0) <= idle and (row.most is None or idle <= row.most)
        named = (row.stage, row.segment)
        if is_idle and named in [(stage, None), (None, [*segment, "none"][0])]:
            return row.play
    return None


def count_on(customer: Customer, attribute: str, ago: int) -> str | None:
    """Return an attribute that counts a behaviour, so many days ago."""
    kind, _, detail = attribute.partition(":")
    done = [a - ago for a, behavior in customer.facts if behavior == detail]
    past = [days for days in done if days >= 0]
    if kind == "days_since":
        return str(min(past)) if past else None
    if kind == "count":
        return str(len(past))
    numbers = [int(n) for n in kind.replace("d", "").split("_") if n.isdigit()]
    window, before = numbers[0], (numbers[1] if len(numbers) > 1 else 0)
    return str(sum(before <= days < before + window for days in done))


def age(birth_date: date, day: date) -> str:
    """Whole years; who is born on 29 February has a birthday on the 28th."""
    years = day.year - birth_date.year
    try:
        birthday = birth_date.replace(year=day.year)
    except ValueError:
        birthday = date(day.year, 2, 28)
    return str(years - (day < birthday))


def fulfils(value: str | None, condition: Condition) -> bool:
    """Whether a value fulfils a condition, by the words of the documentation."""
    if condition.operator == "is_null":
        return value is None
    if value is None:
        return False
    if condition.operator == "is_not_null":
        return True
    if condition.operator == "in":
        return value in (condition.value or "").split("|")
    bounds = [condition.value, condition.value_to or condition.value]
    compared: list[Any] = [value, *bounds]
    if all(number(text) is not None for text in bounds):
        compared = [number(text) for text in compared]
        if compared[0] is None:
            return condition.operator == "!="
    mine, low, high = compared
    return {
        "=": mine == low,
        "!=": mine != low,
        "<": mine < low,
        "<=": mine <= low,
        ">": mine > low,
        ">=": mine >= low,
        "between": low <= mine <= high,
    }[condition.operator]


def number(text: str | None) -> float | None:
    """Return the text as a number, or None."""
    try:
        return float(text or "")
    except ValueError:
        return None


def labels_on(
    customer: Customer, rules: Sequence[Rule], day: date, plays: Plays | None = None
) -> list[Rule]:
    """Return the rules that hold on the day, the first by priority first."""
    if day < customer.first_day():
        return []
    found = [
        rule
        for rule in rules
        if all(
            fulfils(value_on(customer, c.attribute, day, plays), c)
            for c in rule.conditions
        )
    ]
    return sorted(found, key=lambda rule: rule.priority)


def changes_of(
    customer: Customer, rules: Sequence[Rule], plays: Plays
) -> set[tuple[str, str | None, str | None]]:
    """What changed on the as-of date: audience, rule of that day, rule of the last."""
    today, yesterday = (
        # The first rule of an audience is looked at last, and stays.
        {
            rule.label: f"r{rule.priority}"
            for rule in reversed(labels_on(customer, rules, day, plays))
        }
        for day in (AS_OF, AS_OF - timedelta(1))
    )
    return {
        (name, today.get(name), yesterday.get(name))
        for name in today.keys() | yesterday.keys()
        if name != PAUSED and today.get(name) != yesterday.get(name)
    }


def segment_conditions(thresholds: Mapping[str, Any]) -> tuple[Condition, ...]:
    """Say a row of behavior_segments in conditions, by its columns' descriptions."""
    texts = {key: str(value).lower() for key, value in thresholds.items()}
    recent = f"count_{texts.get('recent_days')}d:valid_order"
    named = {
        "is_member": ("is_member", "="),
        "min_orders": ("count:valid_order", ">="),
        "max_orders": ("count:valid_order", "<="),
        "min_recent_orders": (recent, ">="),
        "max_recent_orders": (recent, "<="),
        "min_days_since_order": ("days_since:valid_order", ">="),
        "min_silent_days": ("days_silent", ">="),
        "min_message_clicks": ("count:message_click", ">="),
    }
    conditions = [
        Condition(*named[key], texts[key]) for key in thresholds if key in named
    ]
    if "no_activity_days" in texts:
        attribute = f"count_{texts['no_activity_days']}d:activity_join"
        conditions.append(Condition(attribute, "=", "0"))
    for window in range(thresholds.get("consecutive_windows", 0)):
        days = thresholds["window_days"]
        attribute = f"count_{days}d_before_{window * days}d:valid_order"
        conditions.append(Condition(attribute, ">", "0"))
    return tuple(conditions)


# Drawing ------------------------------------------------------------------------------

BEHAVIORS = (
    *("valid_order", "search", "share", "message_click", "activity_join"),
    "message_delivered",
)
AGO = st.integers(0, 75)
DAYS = st.sampled_from([1, 2, 5, 10, 30])
FACTS = st.lists(st.tuples(AGO, st.sampled_from(BEHAVIORS)), max_size=6).map(tuple)
CUSTOMERS = st.builds(
    Customer,
    seen=st.none() | AGO,
    member_since=st.none() | AGO,
    birth_date=st.none()
    | st.sampled_from([date(1990, 3, 20), date(2004, 2, 29), date(1999, 2, 21)]),
    region=st.sampled_from([None, "north", "south"]),
    skin=st.sampled_from([None, "dry", "3", "10"]),
    stage=st.none()
    | st.tuples(st.sampled_from("AIPL"), AGO, st.integers(-9, 75)).filter(
        lambda stay: stay[1] > stay[2]
    ),
    facts=FACTS,
)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """A condition on any attribute, with a value near those that occur."""
    behavior = draw(st.sampled_from(BEHAVIORS))
    text = ("region", "member:skin", "aipl_stage", "is_member")
    counts = (
        *("age", "days_silent", "days_idle", "contribution_points"),
        f"days_since:{behavior}",
        *(f"count:{behavior}", f"count_{draw(DAYS)}d:{behavior}"),
        f"count_{draw(DAYS)}d_before_{draw(DAYS)}d:{behavior}",
    )
    attribute = draw(st.sampled_from((*text, *counts)))
    if draw(st.integers(0, 4)) == 0:
        return Condition(attribute, draw(st.sampled_from(["is_null", "is_not_null"])))
    if attribute in text:
        words = ["north", "south", "dry", "3", "10", "9", "A", "P", "true", "false"]
        value = st.sampled_from(words)
        operator = draw(st.sampled_from((*NUMBERS, "in")))
        if operator == "in":
            listed = draw(st.lists(value, min_size=1, max_size=3))
            return Condition(attribute, "in", "|".join(listed))
        low, high = sorted([draw(value), draw(value)])
        return Condition(
            attribute, operator, low, high if operator == "between" else None
        )
    operator = draw(st.sampled_from(NUMBERS))
    middle = {"age": 25, "days_silent": 10, "days_idle": 10}.get(attribute, 2)
    numbers = st.integers(0, 2 * middle) | st.sampled_from([0.5, middle + 0.5])
    low_, high_ = sorted([draw(numbers), draw(numbers)])
    to = str(high_) if operator == "between" else None
    return Condition(attribute, operator, str(low_), to)


RULES = st.lists(
    st.builds(
        Rule,
        label=st.sampled_from(["one", "two", "three"]),
        priority=st.just(0),
        conditions=st.lists(conditions(), min_size=1, max_size=3, unique=True).map(
            tuple
        ),
    ),
    min_size=1,
    max_size=6,
).map(
    lambda rules: [
        Rule(rule.label, number, rule.conditions) for number, rule in enumerate(rules)
    ]
)


@st.composite
def thresholds(draw: st.DrawFn) -> dict[str, Any]:
    """The cells of a row of behavior_segments."""
    number = st.integers(0, 3)
    cells: dict[str, Any] = {
        "is_member": st.booleans(),
        "min_orders": number,
        "max_orders": number,
        "min_days_since_order": DAYS,
        "min_silent_days": DAYS,
        "no_activity_days": DAYS,
        "min_message_clicks": number,
    }
    chosen = draw(st.lists(st.sampled_from(sorted(cells)), max_size=3, unique=True))
    row = {key: draw(cells[key]) for key in chosen}
    if draw(st.booleans()):
        row |= {"recent_days": draw(DAYS), "min_recent_orders": draw(number)}
    if not row or draw(st.booleans()):
        row |= {
            "consecutive_windows": draw(st.integers(1, 3)),
            "window_days": draw(DAYS),
        }
    return row


@st.composite
def play_rows(draw: st.DrawFn) -> Play:
    """A play for a stage or for one of the segments, or for who is in none."""
    idle = st.none() | st.integers(0, 25)
    least, most = draw(idle), draw(idle)
    if least is not None and most is not None and least > most:
        least, most = most, least
    stage, segment = draw(
        st.tuples(st.sampled_from([*"AIPL", "none"]), st.none())
        | st.tuples(st.none(), st.sampled_from(["s0", "s1", "s2", "none"]))
    )
    return Play(draw(st.sampled_from(PLAYS)), stage, segment, least, most)


# An audience and, for every crowd, a scene for each play.
PLAY_RULES = [
    Rule(f"for_{play}", 100 + number, (Condition("play", "=", play),))
    for number, play in enumerate(PLAYS)
]


# The models ---------------------------------------------------------------------------


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the tables that the models read."""
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.execute(TABLES)
        for name in ("one", "two", PAUSED, *(rule.label for rule in PLAY_RULES)):
            opened.execute(
                "insert into audiences values (?, ?)", [name, name != PAUSED]
            )
        yield opened


def fill(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Put the rows in the place of those of the table; a missing cell is null."""
    connection.execute(f"delete from {table}")
    for row in rows:
        marks = ", ".join("?" * len(row))
        connection.execute(
            f"insert into {table} ({', '.join(row)}) values ({marks})", [*row.values()]
        )


def build(
    connection: duckdb.DuckDBPyConnection,
    customers: Sequence[Customer],
    rules: Sequence[Rule],
    segments: Sequence[Mapping[str, Any]],
    zone: str,
    plays: Sequence[Play] = (),
) -> None:
    """Build all that the rules give, in a shop of the zone."""
    people = {f"c{number}": customer for number, customer in enumerate(customers)}

    def day(ago: int | None) -> date | None:
        return None if ago is None else AS_OF - timedelta(ago)

    fill(
        connection,
        "dim_customer",
        [
            {
                "customer_id": name,
                "first_seen_at": first_or_last_second(one.seen_on(), zone, number),
                "registered_at": first_or_last_second(
                    day(one.member_since), zone, number
                ),
                "is_member": one.member_since is not None,
                "birth_date": one.birth_date,
                "attributes": json.dumps({"skin": one.skin}),
                "region": one.region,
            }
            for number, (name, one) in enumerate(people.items())
        ],
    )
    facts = [(name, *fact) for name, one in people.items() for fact in one.facts]
    days = sorted({(name, ago, what) for name, ago, what in facts})
    fill(
        connection,
        "int_customer_days",
        [
            {
                "customer_id": name,
                "day": day(ago),
                "behavior": what,
                "events": facts.count((name, ago, what)),
            }
            for name, ago, what in days
        ],
    )
    fill(
        connection,
        STAGES,
        [
            {
                "customer_id": name,
                "stage": stage,
                "valid_from": valid_from,
                "valid_to": valid_to,
                "previous_stage": previous_stage,
            }
            for name, one in people.items()
            if one.stage
            for stage, valid_from, valid_to, previous_stage in [
                (one.stage[0], day(one.stage[1]), day(one.stage[2]), "none"),
                ("none", day(one.stage[2]), FOREVER, one.stage[0]),
            ]
        ],
    )
    fill(connection, "crowd_rules", rule_rows(rules, "crowd"))
    fill(connection, "identity_tiers", rule_rows(rules, "tier"))
    fill(connection, "audience_rules", rule_rows([*rules, *PLAY_RULES], "audience"))
    # Scenes by the same conditions; every second rule is about the people of one crowd.
    bound = [
        {
            "priority": rule.priority,
            "scene": rule.label,
            "rule_id": f"r{rule.priority}",
            "attribute": "crowd:one",
            "operator": "=",
            "value": "true",
        }
        for rule in rules
        if rule.priority % 2
    ]
    fill(
        connection,
        "scene_rules",
        [*rule_rows([*rules, *PLAY_RULES], "scene"), *bound],
    )
    fill(
        connection,
        "plays",
        [
            {
                "priority": number,
                "stage": row.stage,
                "segment": row.segment,
                "min_idle_days": row.least,
                "max_idle_days": row.most,
                "play": row.play,
            }
            for number, row in enumerate(plays)
        ],
    )
    fill(
        connection,
        "behavior_segments",
        [
            {"priority": number, "segment": f"s{number}", **row}
            for number, row in enumerate(segments)
        ],
    )
    variables = {
        "as_of_date": str(AS_OF),
        "ledger_days": LEDGER_DAYS,
        "shop_timezone": zone,
    }
    build_models(connection, models_between(GIVEN, WANTED), variables)


def rule_rows(rules: Sequence[Rule], group: str) -> list[dict[str, Any]]:
    """The rows of a rule file, a condition each."""
    return [
        {
            "priority": rule.priority,
            "rule_id": f"r{rule.priority}",
            group: rule.label,
            **vars(condition),
        }
        for rule in rules
        for condition in rule.conditions
    ]


def stays(
    connection: duckdb.DuckDBPyConnection, dimension: str, key: str = "label"
) -> dict[tuple[str, date], set[Any]]:
    """Return who has which labels of the dimension on each day of the ledger."""
    found: dict[tuple[str, date], set[Any]] = {}
    for name, label, first, end in connection.execute(
        f"select customer_id, {key}, valid_from, valid_to from int_label_history "
        f"where dimension like '{dimension}' and label <> 'none'"
    ).fetchall():
        day = max(first, LEDGER_START)
        while day < end and day <= AS_OF:
            labels = found.setdefault((name, day), set())
            assert label not in labels, "stays overlap"
            labels.add(label)
            day += timedelta(1)
    return found


# A scene is named with the crowd whose people it is about.
CROWD_SCENE = "(split_part(dimension, ':', 2), label)"


def scenes_of(
    holding: Sequence[Rule], of_plays: Sequence[Rule] = ()
) -> set[tuple[str, str]]:
    """Return crowds and scenes by the rules that hold; see `build` for the scenes."""
    return {
        (crowd.label, scene.label)
        for crowd in holding
        for scene in [*holding, *of_plays]
        if scene.priority % 2 == 0 or scene in of_plays or crowd.label == "one"
    }


def ledger_days() -> list[date]:
    """Every day of the ledger."""
    return [LEDGER_START + timedelta(number) for number in range(LEDGER_DAYS)]


# Making a failing example smaller would take minutes.
PHASES = (Phase.explicit, Phase.generate)
SILENT = Customer(30, 30, None, None, None, None, ((30, "search"),))
BOUGHT = Customer(None, 60, None, "north", "9", None, ((59, "valid_order"),))


@settings(max_examples=80, derandomize=True, deadline=None, phases=PHASES)
@given(
    st.lists(CUSTOMERS, min_size=1, max_size=12),
    RULES,
    st.lists(thresholds(), min_size=1, max_size=4),
    st.sampled_from(ZONES),
    st.lists(play_rows(), max_size=5).map(tuple),
)
@example(
    [SILENT, BOUGHT],
    [Rule("one", 0, (Condition("days_silent", "between", "9.5", "20"),))],
    [{"min_silent_days": 30}, {"min_days_since_order": 58}],
    "Asia/Shanghai",
    (Play("warm", None, "s0", least=30), Play("reach", None, "none", most=29)),
)
@example(
    [SILENT, BOUGHT],
    [
        Rule(
            "one", 0, (Condition("member:skin", "<", "10"), Condition("age", "is_null"))
        )
    ],
    [{"consecutive_windows": 2, "window_days": 30}],
    "Europe/London",
    (Play("quiet", "none", None), Play("warm", None, "s0")),
)
@example(
    # Nobody in the shop has any points: all have 0.
    [BOUGHT],
    [Rule("one", 0, (Condition("contribution_points", "<=", "0"),))],
    [{"min_orders": 1}],
    "America/New_York",
    (),
)
def test_labels_are_those_of_a_look_at_every_day(
    connection: duckdb.DuckDBPyConnection,
    customers: list[Customer],
    rules: list[Rule],
    segments: list[dict[str, Any]],
    zone: str,
    play_rows: tuple[Play, ...],
) -> None:
    """Locks out bounds that are a day off, nulls that match, and the wrong winner."""
    build(connection, customers, rules, segments, zone, play_rows)
    crowds = stays(connection, "crowd:%")
    tiers = stays(connection, "identity_tier")
    audiences = stays(connection, "audience:%")
    changes = connection.execute(
        "select customer_id, audience, cause, previous_cause from audience_changes"
    ).fetchall()
    scenes = stays(connection, "scene:%", CROWD_SCENE)
    found = stays(connection, "behavior_segment")
    found_plays = stays(connection, "play")
    segment_rules = [
        Rule(f"s{number}", number, segment_conditions(row))
        for number, row in enumerate(segments)
    ]
    plays = Plays(play_rows, tuple(segment_rules))
    for number, customer in enumerate(customers):
        mine = {tuple(rest) for name, *rest in changes if name == f"c{number}"}
        assert mine == changes_of(customer, [*rules, *PLAY_RULES], plays)
        for day in ledger_days():
            key = (f"c{number}", day)
            holding = labels_on(customer, rules, day)
            assert crowds.get(key, set()) == {rule.label for rule in holding}, key
            assert tiers.get(key, set()) == {rule.label for rule in holding[:1]}, key
            for_play = labels_on(customer, PLAY_RULES, day, plays)
            named = {rule.label for rule in holding} - {PAUSED}
            named |= {rule.label for rule in for_play}
            assert audiences.get(key, set()) == named, key
            assert scenes.get(key, set()) == scenes_of(holding, for_play), key
            segment = labels_on(customer, segment_rules, day)
            assert found.get(key, set()) == {rule.label for rule in segment[:1]}, key
            play = {rule.label.removeprefix("for_") for rule in for_play}
            assert found_plays.get(key, set()) == play, key


@settings(max_examples=20, derandomize=True, deadline=None, phases=PHASES)
@given(st.lists(CUSTOMERS, min_size=1, max_size=12), RULES)
def test_moves_replay_to_the_labels_of_every_day(
    connection: duckdb.DuckDBPyConnection, customers: list[Customer], rules: list[Rule]
) -> None:
    """The ledger, replayed, has just the days in each crowd and in its scenes."""
    build(connection, customers, rules, [{"min_orders": 1}], ZONES[0])
    for kind, key in (("crowd", "label"), ("scene", CROWD_SCENE)):
        labels = stays(connection, f"{kind}:%", key)
        # A crowd is named by its dimension, a scene by that and the label.
        moves = {
            (name, tuple(dimension.split(":")[1:]), day): (before, after)
            for name, dimension, day, before, after in connection.execute(
                "select customer_id, dimension, changed_on, from_label, to_label "
                f"from segment_ledger where dimension like '{kind}:%'"
            ).fetchall()
        }
        inside = {
            key: {each if kind == "scene" else (each,) for each in each_day}
            for key, each_day in labels.items()
        }
        possible = {key for _, key, _ in moves}.union(*inside.values())
        for name in (f"c{number}" for number in range(len(customers))):
            for each in possible:
                label = "none"
                for day in ledger_days():
                    before, after = moves.pop((name, each, day), (label, label))
                    assert before == label
                    label = after
                    is_inside = each in inside.get((name, day), set())
                    assert label == (each[-1] if is_inside else "none")
        assert not moves
