"""Builds that go on from the last one against builds that start afresh, mart by mart.

Drawn are small shops, from the rows of landing on, and what happens to them from build
to build: new, late and corrected facts, loads that are taken away, other rules and
variables, an as-of date that moves both ways. Whatever it is, all published marts have
row for row what a build has that knows nothing of earlier ones.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import example, given, settings
from support.draws import Draws, drawn, examples
from support.sql_models import ROOT, build_models, models_between
from support.zones import ZONES, to_utc

from pipeline.config.contract import ENTITIES
from pipeline.config.project import PUBLIC_VARS
from pipeline.storage.delivery_log import TOUCH_COLUMNS

AS_OF = date(2024, 3, 31)
Row = dict[str, Any]

# Rules ------------------------------------------------------------------------------

SEEDS = sorted(path.stem for path in (ROOT / "seeds").glob("*.csv"))
# What a shop may have in the place of a built-in file. Windows are short, so that
# labels come and go, and what may be named is named.
RULES: dict[str, tuple[str, ...]] = {
    "aipl_rules": (
        """\
rule_id,stage,behavior,min_count,min_days,min_amount,window_days
opened,A,message_open,1,,,5
searched,I,search,1,,,7
bought,P,valid_order,1,,,20
often,L,valid_order,2,2,,30
spent,L,valid_order,1,,20,9
""",
        """\
rule_id,stage,behavior,min_count,min_days,min_amount,window_days
searched,A,search,2,,,10
bought,P,valid_order,1,,,15
""",
    ),
    "lifecycle_rules": (
        """\
priority,state,min_orders,max_orders,max_days_since_last,min_gap_ratio,max_gap_ratio
10,prospect,,0,,,
20,late,,,,1.5,
30,in_time,,,,,1
40,waiting,1,,,,
""",
        """\
priority,state,min_orders,max_orders,max_days_since_last,min_gap_ratio,max_gap_ratio
10,prospect,,0,,,
20,active,,,12,,
30,gone,1,,,,
""",
    ),
    "behavior_segments": (
        """\
priority,segment,is_member,min_orders,max_orders,min_silent_days,min_days_since_order
10,silent,,,,9,
20,members,true,,1,,
30,buyers,,1,,,3
""",
    ),
    "contribution_points": ("behavior,points\nshare,10\nsearch,1\n",),
    "identity_tiers": (
        """\
priority,tier,rule_id,attribute,operator,value,value_to
10,kol,by_points,contribution_points,>=,11,
20,contributor,by_score,r_score,>=,4,
30,ordinary,everybody,is_member,is_not_null,,
""",
    ),
    "crowd_rules": (
        """\
priority,crowd,rule_id,attribute,operator,value,value_to
10,ones,by_region,region,=,north,
20,ones,by_age,age,between,20,34
20,ones,by_age,wecom_bound,=,false,
30,twos,by_rfm,rfm_segment,in,champions|new|hibernating,
40,twos,by_score,r_score,<=,2,
50,threes,by_interest,interest,=,care,
60,fours,by_state,lifecycle_state,in,late|gone|dormant,
70,fours,by_silence,days_silent,between,3,11
80,fives,by_count,count_7d:search,>=,2,
80,fives,by_count,member:skin,is_null,,
90,fives,by_kind,buyer_kind,=,sample,
""",
        """\
priority,crowd,rule_id,attribute,operator,value,value_to
10,ones,by_region,region,!=,north,
20,twos,by_spending,net_amount,>=,15,
30,twos,by_tier,value_tier,=,high,
40,threes,by_first,days_since_first_order,<,14,
50,fours,by_stage,aipl_stage,is_null,,
50,fours,by_stage,acquisition_channel,=,app,
60,fives,by_idleness,days_idle,>,6,
""",
    ),
    "scene_rules": (
        """\
priority,scene,rule_id,attribute,operator,value,value_to
10,work,at_work,scene:work,>=,1,
20,home,at_home,crowd:ones,=,true,
20,home,at_home,behavior_segment,=,silent,
30,road,on_the_road,crowd:fives,=,true,
30,road,on_the_road,identity_tier,!=,kol,
40,shop,in_the_shop,play,=,write,
50,bed,in_bed,due:welcome,is_not_null,,
""",
    ),
    "plays": (
        """\
priority,stage,segment,min_idle_days,max_idle_days,play,persona
10,,silent,,,wake,sleeper
20,I,,,7,talk,fan
30,P,,3,,write,buyer
40,,none,5,,win,lost
50,none,,,,reach,new
""",
        """\
priority,stage,segment,min_idle_days,max_idle_days,play,persona
10,L,,,,keep,fan
20,,buyers,,8,write,buyer
30,,members,2,,talk,fan
""",
    ),
    "audiences": (
        """\
audience,play,channel,enabled
to_wake,,sms,true
to_write,,sms,true
in_crowds,,sms,true
due_today,,sms,true
scored,,sms,true
""",
        """\
audience,play,channel,enabled
to_wake,,sms,true
to_write,,sms,false
in_crowds,,sms,true
due_today,,sms,false
scored,,sms,true
""",
    ),
    "audience_rules": (
        """\
priority,audience,rule_id,attribute,operator,value,value_to
10,to_wake,by_play,play,=,wake,
20,to_wake,by_reach,play,=,reach,
30,to_write,by_segment,behavior_segment,in,buyers|members,
40,to_write,by_play,play,is_not_null,,
40,to_write,by_play,aipl_stage,=,P,
50,in_crowds,by_crowds,crowd:ones,=,true,
50,in_crowds,by_crowds,crowd:twos,is_null,,
60,in_crowds,by_tier,identity_tier,=,kol,
70,due_today,by_step,due:welcome,is_not_null,,
80,due_today,by_order,due:refill,in,now|late,
90,scored,by_score,f_score,>=,4,
100,scored,by_segment,rfm_segment,=,loyal,
100,scored,by_segment,interest_2,is_not_null,,
""",
        """\
priority,audience,rule_id,attribute,operator,value,value_to
10,to_wake,by_silence,days_silent,>=,5,
20,to_write,by_due,due:welcome,is_null,,
30,in_crowds,by_crowd,crowd:fives,=,true,
40,scored,by_class,rfm_class,in,HHH|HHL,
""",
    ),
    "journey_steps": (
        """\
journey,step,anchor,offset_days,offset_mode,grace_days,channel,exit_when,priority
welcome,hello,joined,0,fixed,1,sms,first_order|complaint,10
welcome,again,joined,4,fixed,2,wecom,first_order|unsubscribe,20
thanks,thanks,ordered,1,fixed,1,email,complaint,10
refill,now,full_size_ordered,-2,replenishment,2,sms,new_order,30
refill,late,ordered,3,replenishment,3,wecom,new_order,40
sample,care,sample_ordered,2,fixed,2,sms,full_size_order,50
""",
    ),
    "contact_policy": (
        """\
scope,window_days,calendar_unit,max_contacts,priority
global,3,,1,10
sms,,week,1,20
""",
    ),
    "quiet_days": ("date_from,date_to,scope,reason\n2024-03-30,2024-04-01,sms,rest\n",),
    "holdouts": (
        """\
holdout,scope,scope_name,share,salt
nobody,global,,0.2,a
no_welcome,journey,welcome,0.3,b
not_woken,audience,to_wake,0.3,c
""",
    ),
    "rfm_scoring": (
        "metric,method\nrecency,rank\nfrequency,rank\nmonetary,rank\n",
        """\
metric,method,cut_1,cut_2,cut_3,cut_4
recency,fixed,2,6,12,20
frequency,fixed,1,2,3,4
monetary,quantile,,,,
""",
    ),
}
VARIABLES: dict[str, tuple[Any, ...]] = {
    "rfm_window_days": (12, None, 30),
    "rfm_class_mode": ("raw",),
    "ledger_days": (6, 45),
    "early_warning_days": (3,),
    "outcome_window_days": (2,),
}


def seed_types(name: str) -> dict[str, str]:
    """Return the types of the columns of a rule file."""
    settings_of = yaml.safe_load((ROOT / f"seeds/{name}.yml").read_text("utf8"))
    types: dict[str, str] = settings_of["seeds"][0]["config"]["column_types"]
    return types


def rule_rows(name: str, variant: int) -> list[Row]:
    """Return the rows of the shop's own rule file, or of the built-in one for 0."""
    text = RULES[name][variant - 1] if variant else built_in(name)
    return [
        {column: cell or None for column, cell in row.items()}
        for row in csv.DictReader(StringIO(text))
    ]


def built_in(name: str) -> str:
    """Return the built-in rule file."""
    return (ROOT / f"seeds/{name}.csv").read_text("utf8")


# Shops ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Load:
    """A file of rows of one kind; of two versions of a row the last by name counts."""

    load_id: str
    entity: str
    file: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Step:
    """A build: the days the as-of date moves, and what happens before it."""

    days: int = 0
    loads: tuple[Load, ...] = ()
    retired: tuple[str, ...] = ()
    rules: Mapping[str, int] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    delivers: bool = False


@dataclass(frozen=True)
class History:
    """Builds of a shop, one after the other."""

    steps: tuple[Step, ...]
    zone: str = ZONES[0]


CUSTOMERS = [f"c{number}" for number in range(14)]
OWNERS = [*CUSTOMERS, *CUSTOMERS, None]
EVENTS = (
    *("search", "share", "message_open", "product_view", "message_delivered"),
    *("add_wecom", "register", "refer", "unsubscribe", "complaint", "valid_order"),
)
STATUSES = ("paid", "completed", "shipped", "pending", "cancelled", "refunded", None)
CHANNELS = ("sms", "wecom", "email", "app", None)
PRODUCTS = ("p1", "p2", "p3", "p4")
AMOUNTS = [Decimal(n) for n in ("5", "10", "9.99", "21", "0", "0.01")]
# A correction changes one thing, or nothing; or it is another row altogether.
SAME, OTHER = "same", "other"


class Drawer:
    """Draws the rows of a shop; a row whose key there is already is corrected."""

    def __init__(self, draws: Draws) -> None:
        self.draws = draws
        self.pick = draws.pick
        self.zone = draws.pick(ZONES)
        self.rows: dict[str, dict[str, Row]] = {entity: {} for entity in ENTITIES}
        self.loads: list[Load] = []
        self.as_of = AS_OF

    def moment(self) -> datetime:
        """A moment about the as-of date: before, on the day and after, at its ends."""
        ago = self.pick([*range(12), *range(40), 100, 0, 0, -1, -1, -2, -4])
        hour = self.pick([time(0), time(9), time(23, 59, 59)])
        return to_utc(datetime.combine(self.as_of - timedelta(ago), hour), self.zone)

    def orders(self, key: str) -> Row:
        """A row of an orders file."""
        return {
            "order_id": key,
            "customer_id": self.pick(OWNERS),
            "ordered_at": self.moment(),
            "amount": self.pick(AMOUNTS),
            "status": self.pick(STATUSES),
            "refund_amount": self.pick([None, None, None, Decimal(5)]),
            "channel": self.pick(CHANNELS),
            "coupon_id": self.pick([None, "k1"]),
            "updated_at": self.pick([None, self.moment()]),
        }

    def order_lines(self, key: str) -> Row:
        """A row of a file of order lines; every second order has no row of its own."""
        number = int(key[1:])
        return {
            "line_key": key,
            "order_id": f"o{number % 30 + 15}",
            "customer_id": OWNERS[number % len(OWNERS)],
            "ordered_at": self.moment(),
            "product_id": self.pick(PRODUCTS),
            "quantity": self.pick([Decimal(1), Decimal(2), Decimal(-1)]),
            "unit_price": self.pick(AMOUNTS),
            "line_amount": self.pick([None, Decimal(7)]),
            "line_no": self.pick([None, 1, 2]),
            "is_sample": self.pick([None, True, False]),
            "status": self.pick(STATUSES),
            "updated_at": self.pick([None, self.moment()]),
        }

    def interactions(self, key: str) -> Row:
        """An event."""
        return {
            "event_id": key,
            "customer_id": self.pick(OWNERS),
            "event_type": self.pick([*EVENTS, *EVENTS[:5]]),
            "occurred_at": self.moment(),
            "channel": self.pick(CHANNELS),
            "product_id": self.pick([None, *PRODUCTS]),
            "persona": self.pick([None, "anna", "bob"]),
            "scene": self.pick([None, "work"]),
            "referred_customer_id": self.pick([None, None, *CUSTOMERS[:4]]),
            "value": self.pick([None, Decimal(3)]),
        }

    def members(self, key: str) -> Row:
        """A member."""
        return {
            "customer_id": key,
            "registered_at": self.pick([None, self.moment(), self.moment()]),
            "channel": self.pick(CHANNELS),
            "gender": self.pick([None, "F"]),
            "birth_date": self.pick([None, *BIRTH_DATES]),
            "region": self.pick([None, "north", "south"]),
            "wecom_bound_at": self.pick([None, self.moment()]),
            "phone": self.pick([None, f"1{key}"]),
            "email": self.pick([None, f"{key}@x"]),
            "attributes": self.pick([None, json.dumps({"skin": "dry"})]),
        }

    def products(self, key: str) -> Row:
        """A product."""
        return {
            "product_id": key,
            "category": self.pick([None, "care", "food"]),
            "is_sample": self.pick([None, True, False]),
            "consumption_days": self.pick([None, 2, 10]),
        }

    def identities(self, key: str) -> Row:
        """An identifier of a customer."""
        return {
            "id_type": self.pick(["phone", "email", "openid"]),
            "id_value": key,
            "customer_id": self.pick(CUSTOMERS),
        }

    def consents(self, key: str) -> Row:
        """A change of consent."""
        return {
            "customer_id": CUSTOMERS[int(key[1:]) % len(CUSTOMERS)],
            "channel": self.pick(CHANNELS[:3]),
            "granted": self.pick([True, True, False]),
            "changed_at": self.moment(),
        }

    def assignments(self, key: str) -> Row:
        """An assignment to an arm of an experiment."""
        return {
            "experiment": self.pick(["first", "second"]),
            "customer_id": CUSTOMERS[int(key[1:]) % len(CUSTOMERS)],
            "arm": self.pick(["control", "treatment"]),
            "assigned_at": self.moment(),
        }

    def contacts(self, key: str) -> Row:
        """A message sent."""
        customer_id = CUSTOMERS[int(key[1:]) % len(CUSTOMERS)]
        return {
            "customer_id": customer_id,
            "channel": self.pick(CHANNELS[:3]),
            "sent_at": self.moment(),
            "touch_id": self.pick([None, f"hello-{customer_id}"]),
            "outcome": self.pick([None, "sent", "failed"]),
        }

    def load(self, entity: str, keys: Sequence[str]) -> None:
        """A file of rows with these keys."""
        draw = getattr(self, entity)
        known = self.rows[entity]
        for key in keys:
            known[key] = self.edited(known.get(key), draw(key))
        name = f"{entity}-{len(self.loads)}"
        # Now and then a file that counts less than those before it.
        file = f"{self.pick(['m', 'm', 'a'])}{len(self.loads):03}"
        rows = tuple(known[key] for key in dict.fromkeys(keys))
        self.loads.append(Load(name, entity, file, rows))

    def edited(self, old: Row | None, new: Row) -> Row:
        """Return the old row with one cell of the new one, or more or less of it."""
        edit = self.pick([SAME, OTHER, *new])
        if old is None or edit == OTHER:
            return new
        return old if edit == SAME else {**old, edit: new[edit]}

    def some(self, entity: str, *numbers: int) -> None:
        """A file of some rows of the entity, if there are any."""
        keys = KEYS[entity]
        drawn_keys = [self.pick(keys) for _ in self.draws.times(*numbers)]
        if drawn_keys:
            self.load(entity, drawn_keys)

    def step(self, number: int) -> Step:
        """What happens before a build."""
        days = self.pick([0, 0, 1, 1, 1, 2, 5, 11, -1, -4]) if number else 0
        self.as_of += timedelta(days)
        earlier = [load.load_id for load in self.loads]
        for entity, numbers in (FIRST if number == 0 else LATER).items():
            self.some(entity, *numbers)
        retired = self.pick([*[()] * 9, tuple(earlier[-1:])]) if number else ()
        names = self.draws.times(*((12,) if number == 0 else (0, 0, 0, 1, 1, 2)))
        rules = {}
        for name in [self.pick([*RULES]) for _ in names]:
            rules[name] = self.pick([*range(1, len(RULES[name]) + 1), 0])
        variables = {}
        if self.pick([False] * 5 + [True]):
            name = self.pick([*VARIABLES])
            variables[name] = self.pick(VARIABLES[name])
        loads = tuple(load for load in self.loads if load.load_id not in earlier)
        delivers = self.pick([False, True])
        return Step(days, loads, retired, rules, variables, delivers)


BIRTH_DATES = (
    *(date(1990, 3, 31), date(1990, 4, 2), date(2004, 2, 29), date(1989, 4, 1)),
    date(2004, 4, 3),
)
KEYS: dict[str, list[str]] = {
    "orders": [f"o{n}" for n in range(30)],
    "order_lines": [f"l{n}" for n in range(45)],
    "interactions": [f"e{n}" for n in range(60)],
    "members": CUSTOMERS,
    "products": [*PRODUCTS],
    "identities": [f"i{n}" for n in range(6)],
    "consents": [f"n{n}" for n in range(20)],
    "assignments": [f"a{n}" for n in range(10)],
    "contacts": [f"t{n}" for n in range(16)],
}
FIRST = {
    "orders": [*range(20, 40)],
    "order_lines": [*range(15, 30)],
    "interactions": [*range(30, 60)],
    "members": [8, 3, 12],
    "products": [4, 3, 8],
    "identities": [2, 0],
    "consents": [15, 0],
    "assignments": [4, 0],
    "contacts": [6, 0],
}
# Mostly few things change, so that most customers are untouched.
LATER = {
    "orders": [0, 0, 1, 2, 4],
    "order_lines": [0, 0, 0, 1, 3],
    "interactions": [0, 0, 1, 2, 5],
    "members": [0, 0, 0, 1, 1, 3],
    "products": [0, 0, 0, 0, 1],
    "identities": [0, 0, 0, 0, 0, 1],
    "consents": [0, 0, 0, 0, 1],
    "assignments": [0, 0, 0, 0, 0, 1],
    "contacts": [0, 0, 0, 0, 1, 2],
}


def draw_history(draws: Draws) -> History:
    """A shop, and three to six builds of it."""
    drawer = Drawer(draws)
    steps = [drawer.step(number) for number in draws.times(4, 3, 5, 6)]
    return History(tuple(steps), drawer.zone)


# Building ---------------------------------------------------------------------------

PUBLISHED = sorted(
    path.stem
    for path in (ROOT / "models").rglob("*.sql")
    if not path.stem.startswith(("int_", "stg_"))
)
LANDED = (*ENTITIES, "files", "deliveries")
MODELS = models_between((*LANDED, *SEEDS), PUBLISHED)
FILES = {
    "load_id": "varchar",
    "entity": "varchar",
    "file_order": "varchar",
    "is_built": "boolean",
}
INCREMENT, FRESH = "increment", "fresh"
# What is kept may reach further back than the ledger: it is cut when it is read.
CUT_HISTORY = """
select
    customer_id, dimension, label, rule_id, label_until, valid_to,
    greatest(valid_from, {start}) as valid_from
from {schema}.int_label_history
where valid_to > {start} and label <> 'none' or dimension = 'aipl_stage'
"""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with landing and rules, and a schema for each way to build."""
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.execute("set TimeZone = 'UTC'")
        opened.execute("create schema landing")
        tables = {
            **{name: entity.landed for name, entity in ENTITIES.items()},
            "files": FILES,
            "deliveries": TOUCH_COLUMNS,
            **{name: seed_types(name) for name in SEEDS},
        }
        for table, types in tables.items():
            columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
            opened.execute(f"create table landing.{table} ({columns})")
        yield opened


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]
) -> None:
    """Add the rows to a table of landing; a missing cell is null."""
    for row in rows:
        marks = ", ".join("?" * len(row))
        connection.execute(
            f"insert into landing.{table} ({', '.join(row)}) values ({marks})",
            [*row.values()],
        )


class Shop:
    """A shop, built step by step in both ways."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, zone: str) -> None:
        self.connection = connection
        self.as_of = AS_OF
        self.variables = {**PUBLIC_VARS, "shop_timezone": zone}
        self.rules = dict.fromkeys(SEEDS, 0)
        self.last_build: dict[str, Any] | None = None
        self.build_no = 0
        for schema in (INCREMENT, FRESH):
            connection.execute(f"drop schema if exists {schema} cascade")
            connection.execute(f"create schema {schema}")
        for table in LANDED:
            connection.execute(f"delete from landing.{table}")
        for name in SEEDS:
            self._use_rules(name)

    def take(self, step: Step) -> None:
        """Let happen what happens before the build."""
        changed = self._change_rules(step)
        if step.days < 0:
            changed.append("as_of_date")
        built_for, self.as_of = self.as_of, self.as_of + timedelta(step.days)
        for load in step.loads:
            rows = [
                {**row, "_load_id": load.load_id, "_row": number}
                for number, row in enumerate(load.rows, 1)
            ]
            insert(self.connection, load.entity, rows)
            file = {
                "load_id": load.load_id,
                "entity": load.entity,
                "file_order": load.file,
                "is_built": False,
            }
            insert(self.connection, "files", [file])
        for load_id in step.retired:
            self.connection.execute(
                "delete from landing.files where load_id = ?", [load_id]
            )
        self.last_build = None
        if self.build_no and not step.retired:
            changed += ["products"] if self._are_products_changed() else []
            self.last_build = {
                "build_no": self.build_no,
                "as_of_date": str(built_for),
                "changed": changed,
            }

    def _are_products_changed(self) -> bool:
        """What `pipeline.transform.increment` says of the products."""
        rows = self.connection.execute(
            "from landing.products as new semi join landing.files as loads "
            "on new._load_id = loads.load_id and not loads.is_built "
            f"anti join {INCREMENT}.dim_product as built "
            "on new.product_id = built.product_id "
            "and new.category is not distinct from built.category "
            "and coalesce(new.is_sample, false) = built.is_sample"
        ).fetchall()
        return bool(rows)

    def _change_rules(self, step: Step) -> list[str]:
        changed = []
        for name, variant in step.rules.items():
            if self.rules[name] != variant:
                self.rules[name] = variant
                self._use_rules(name)
                changed.append(name)
        for name, value in step.variables.items():
            if self.variables[name] != value:
                self.variables[name] = value
                changed.append(name)
        return changed

    def _use_rules(self, name: str) -> None:
        self.connection.execute(f"delete from landing.{name}")
        insert(self.connection, name, rule_rows(name, self.rules[name]))

    def build(self, step: Step) -> None:
        """Build in both ways; then what is to be sent may be given out."""
        self._build(FRESH, None)
        self._build(INCREMENT, self.last_build)
        self.build_no = self.build_no + 1 if self.last_build else 1
        self.connection.execute("update landing.files set is_built = true")
        if step.delivers:
            self.connection.execute(
                "insert into landing.deliveries "
                "select touch_id, customer_id, channel, as_of_date "
                "from fresh.journey_touches where decision = 'send'"
            )

    def _build(self, schema: str, last_build: Mapping[str, Any] | None) -> None:
        self.connection.execute(f"set search_path = '{schema},landing'")
        variables = {
            **self.variables,
            "as_of_date": str(self.as_of),
            "last_build": last_build,
        }
        build_models(self.connection, MODELS, variables)

    def differences(self) -> dict[str, list[Any]]:
        """Return the rows of each table that only one of the two ways gives."""
        found = {}
        for table in PUBLISHED:
            rows = self._differences(f"from {{schema}}.{table}")
            if rows:
                found[table] = rows
        start = f"date '{self.as_of}' - {self.variables['ledger_days']} + 1"
        rows = self._differences(CUT_HISTORY.replace("{start}", f"({start})"))
        return {**found, "int_label_history": rows} if rows else found

    def _differences(self, query: str) -> list[Any]:
        # A sum of doubles depends on the order of rows, in its last digits.
        one, other = (
            f"select * replace ({rounded}) from ({text})" if rounded else text
            for text in (query.format(schema=INCREMENT), query.format(schema=FRESH))
            for rounded in [self._rounded(text)]
        )
        return self.connection.execute(
            f"(select '{INCREMENT}', * from (({one}) except all ({other}))) union all "
            f"(select '{FRESH}', * from (({other}) except all ({one})))"
        ).fetchall()

    def _rounded(self, query: str) -> str:
        columns = self.connection.execute(f"select * from ({query}) limit 0")
        return ", ".join(
            f"round({name}, 9) as {name}"
            for name, kind, *_ in columns.description
            if str(kind) == "DOUBLE"
        )


def check(connection: duckdb.DuckDBPyConnection, history: History) -> None:
    """Build the shop step by step; each time all marts are those of a fresh build."""
    shop = Shop(connection, history.zone)
    for number, step in enumerate(history.steps):
        shop.take(step)
        shop.build(step)
        assert shop.differences() == {}, f"in build {number}"


# Tests ------------------------------------------------------------------------------


def load(number: int, entity: str, *rows: Row) -> Load:
    """The file of that number."""
    return Load(f"{entity}-{number}", entity, f"m{number:03}", rows)


def on(days_before: int) -> datetime:
    """A time so many days before the first as-of date."""
    return to_utc(datetime.combine(AS_OF - timedelta(days_before), time(9)), ZONES[0])


def event(event_id: str, who: str, days_before: int) -> Row:
    """Something that is shared."""
    row = {"event_id": event_id, "customer_id": who, "occurred_at": on(days_before)}
    return {**row, "event_type": "share"}


def order(order_id: str, who: str, days_before: int, amount: int = 10) -> Row:
    """An order that is paid."""
    row = {"order_id": order_id, "customer_id": who, "ordered_at": on(days_before)}
    return {**row, "amount": Decimal(amount), "status": "paid"}


def member(who: str, days_before: int, **cells: Any) -> Row:
    """A member since so many days."""
    return {"customer_id": who, "registered_at": on(days_before), **cells}


def product(product_id: str, category: str) -> Row:
    """A product that lasts ten days."""
    return {"product_id": product_id, "category": category, "consumption_days": 10}


LOOKED_AT_P1 = {"event_type": "product_view", "product_id": "p1"}
FIRST_LOADS = (
    load(1, "members", member("leaver", 10, region="north"), member("due", 0)),
    load(2, "members", member("born", 20, birth_date=date(2004, 4, 2))),
    load(3, "interactions", event("e1", "giver", 3), event("e2", "lost", 2)),
    load(4, "orders", order("o1", "single", 12), order("o2", "pair", 20)),
    load(5, "orders", order("o3", "pair", 10), order("o4", "first_owner", 4)),
    load(6, "products", product("p1", "care")),
    load(7, "interactions", {**event("e3", "viewer", 5), **LOOKED_AT_P1}),
)
# The only fact of a customer goes to somebody else, or to a day to come; a member is to
# join later, another is older and has a role; an order makes the shop's usual interval
# shorter; a product is of another category.
CORRECTIONS = (
    load(8, "members", member("leaver", -5, region="north")),
    load(9, "members", member("born", 20, birth_date=date(2004, 4, 1), role="kol")),
    load(10, "interactions", event("e1", "taker", 3), event("e2", "lost", -3)),
    load(11, "orders", order("o4", "next_owner", 4), order("o5", "pair", 8)),
    load(12, "products", product("p1", "food")),
)
CORRECTED = History(
    (
        Step(loads=FIRST_LOADS, rules=dict.fromkeys(RULES, 1)),
        Step(loads=CORRECTIONS),
        Step(days=4, delivers=True),
        Step(days=-2),
    )
)


@settings(max_examples=examples(4), derandomize=True, deadline=None)
@given(drawn(draw_history, 3000))
@example(CORRECTED)
def test_an_increment_has_what_a_fresh_build_has(
    connection: duckdb.DuckDBPyConnection, history: History
) -> None:
    """Locks out increments that miss a change, or keep what is gone."""
    check(connection, history)
