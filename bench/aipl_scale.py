"""Measure the AIPL models on a large shop: a full build, one more day, nothing new.

    python bench/aipl_scale.py generate --out DIR [--interactions 50000000 …]
    python bench/aipl_scale.py measure --out DIR [--select +aipl_stage …]

``generate`` writes the landing files and ledger of a shop as if a file of events and
a file of orders had been ingested each day; ingest has a benchmark of its own.
``measure`` hides the last day, builds all as of the day before, then puts the last day
in place and builds that, then builds once more. Each build has a process of its own.

The default shop has 50 million interactions and 5 million orders of 1 million customers
over 500 days. It takes a few minutes to write and some gigabytes; the builds take what
they take. The rows depend on the arguments and on DuckDB's hash function, which is the
same for all machines but may change with a major version of DuckDB.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipeline.config.contract import ENTITIES
from pipeline.config.settings import Settings, Source, load_settings
from pipeline.console import SilentConsole
from pipeline.ingest.landing import register_landing
from pipeline.ingest.mapping import mapping_hash
from pipeline.orchestration.assets.transform import build_for
from pipeline.orchestration.session import open_session
from pipeline.storage.build_state import record_end
from pipeline.storage.load_log import Load, LoadLog
from pipeline.storage.warehouse import Warehouse
from pipeline.transform.dbt import NodeResult, run_build
from pipeline.transform.failures import failure_message
from pipeline.transform.increment import begin_build

FIRST_DAY = date(2024, 1, 1)
SELECT = ("+aipl_stage", "+aipl_stage_history", "+aipl_flow", "+aipl_lapsing")
SLOWEST = 12
_FEWEST_A_DAY = 20
_CONFIG = """\
shop: {{name: scale, timezone: Asia/Shanghai, currency: CNY}}
warehouse: .
memory_limit: {memory_limit}
sources:
  - {{name: app, entity: interactions, path: data/interactions_*.parquet}}
  - {{name: mall, entity: orders, path: data/orders_*.parquet}}
"""


# The shop ---------------------------------------------------------------------------


def _weights(text: str) -> dict[str, float]:
    """Read ``name weight`` pairs."""
    words = text.split()
    return dict(zip(words[::2], map(float, words[1::2]), strict=True))


# Events that reach a customer from outside: each is a visit of its own.
_PUSHES = _weights("message_delivered 130 ad_impression 90")
_EVENTS = _weights(
    "page_view 400 product_view 200 message_open 50 search 40 add_to_cart 30 "
    "favorite 12 message_click 12 ad_click 10 check_in 8 activity_join 4 follow 3 "
    "add_wecom 2 group_join 2 register 2 consult 2 sample_claim 1 survey_submit 1 "
    "review_positive 2 review_negative 0.5 share 2 refer 1 complaint 0.5 unsubscribe 1"
)
_CHANNELS = _weights("app 45 mini_program 35 wecom 15 web 5")
_STATUSES = _weights("completed 90 shipped 3 paid 2 refunded 2 cancelled 2 pending 1")
# Pseudo-random numbers that depend on a row's number, a word for what they decide, and
# the seed. The outer hash is needed: two hashes of one number with different words end
# in the same bits.
#
# A customer's number says how active the customer is: one in two numbers is divisible
# by 2, one in 4 by 4 … one in 128 by 128. A row picks one of these eight circles, then
# anyone inside it, so that 1 % of the customers cause a quarter of the rows. One visit
# in four is by somebody who joined in the last 30 days.
_MACROS = """
create macro draw(x, word) as
    (hash(hash(x, word, {seed})) >> 11) / 9007199254740992.0;
create macro pick(x, word, n) as floor(draw(x, word) * n)::bigint;
create macro anyone(x, settled, known) as
    case
        when draw(x, 'new') < 0.25 then settled + pick(x, 'who', known - settled)
        else pick(x, 'who', known)
    end;
create macro circle(n, level) as (n >> level) << level;
create macro customer(x, settled, known) as
    'C' || lpad(
        circle(anyone(x, settled, known), pick(x, 'level', 8))::varchar, 8, '0'
    );
create macro product(x) as
    'SKU' || lpad(floor(2000 * power(draw(x, 'product'), 2))::bigint::varchar, 5, '0');
"""
_INTERACTIONS = """
with typed as (
    select range as i, {event_type} as event_type from range({first}, {stop})
),

opened as (
    select
        *,
        case
            when
                i = {first}
                or event_type in {pushes}
                or lag(event_type) over (order by i) in {pushes}
                or draw(i, 'opens') < 0.25
                then i
        end as opening
    from typed
),

visits as (
    select i, event_type, max(opening) over (order by i) as visit from opened
),

placed as (
    select
        *,
        case
            when draw(visit, 'late') < 0.02
                then least(1 + pick(visit, 'days late', 30), {index})
            else 0
        end as days_late,
        -- From seven in the morning until twenty past eleven, half a minute an event.
        25200 + pick(visit, 'second', 58800) + 30 * (i - visit) as second
    from visits
)

select {columns} from placed order by i
"""
_INTERACTION_COLUMNS = {
    "customer_id": """
        case
            when draw(visit, 'guest') >= 0.01 then customer(visit, {settled}, {known})
        end
    """,
    "event_type": "event_type",
    "occurred_at": """
        timestamp '{day}' - interval 8 hours
        + to_seconds(least(second, 86399) - 86400 * days_late)
    """,
    "event_id": "lpad(lower(to_hex(hash(i, {seed}))), 16, '0')",
    "channel": "{channel}",
    "campaign_id": """
        case when event_type[:3] in ('mes', 'ad_')
            then 'CMP-' || ({index} // 5 + pick(visit, 'campaign', 8))
        end
    """,
    "content_id": """
        case when event_type = 'page_view' then 'page-' || pick(i, 'page', 300) end
    """,
    "product_id": """
        case when event_type in
            ('product_view', 'add_to_cart', 'favorite', 'review_positive',
             'review_negative', 'share')
            then product(i)
        end
    """,
    "persona": "case when event_type in ('add_wecom', 'consult') then 'advisor' end",
    "referred_customer_id": """
        case when event_type = 'refer' then customer(-i, {settled}, {known}) end
    """,
    "value": """
        case when event_type = 'review_positive' then 4 + pick(i, 'stars', 2) end
    """,
    "_row": "i - {first} + 1",
}
# A file also holds a few events of the file before, as overlapping extracts do.
_REPEATS = """
union all by name
select * replace (
    '{load_id}' as _load_id,
    {stop} - {first} + row_number() over (order by _row) as _row
)
from read_parquet('{file_before}') where draw(event_id, 'again {index}') < 0.005
"""
_ORDERS = """
with placed as (
    select
        range as i,
        {status} as status,
        (19 + 580 * power(draw(range, 'amount'), 3))::decimal(18, 2) as amount
    from range({first}, {stop})
)

select {columns} from placed order by i
"""
_ORDER_COLUMNS = {
    "order_id": "'O' || lpad(i::varchar, 10, '0')",
    "customer_id": """
        case when draw(i, 'guest') >= 0.01 then customer(i, {settled}, {known}) end
    """,
    "ordered_at": """
        timestamp '{day}' - interval 8 hours
        + to_seconds(25200 + pick(i, 'second', 60000))
    """,
    "amount": "amount",
    "status": "status",
    "refund_amount": """
        case when status = 'refunded' then amount
            when draw(i, 'refund') < 0.01 then amount * 0.3
        end
    """,
    "currency": "'CNY'",
    "channel": "{channel}",
    "store_id": "'S' || pick(i, 'store', 40)",
    "_row": "i - {first} + 1",
}


@dataclass(frozen=True)
class Shop:
    """How large the generated shop is; ``interactions`` are distinct events."""

    interactions: int
    orders: int
    customers: int
    days: int
    seed: int

    def rows_before(self, entity: str, index: int) -> int:
        """Rows before this day. The last day is twice as busy as the first."""
        total = self.orders if entity == "orders" else self.interactions
        past = index / self.days
        return round(total * (2 * past + past**2) / 3)

    def known(self, index: int) -> int:
        """Customers that have joined by this day: 30 % of all were there before it."""
        joined = 0.3 + 0.7 * max(index + 1, 0) / self.days
        return round(self.customers * joined)


def _choice(drawn: str, weights: dict[str, float]) -> str:
    """Return SQL that turns a number from 0 to 1 into one of these texts."""
    total, reached, branches = sum(weights.values()), 0.0, []
    for text, weight in weights.items():
        reached += weight
        branches.append(f"when {drawn} < {reached / total:.6f} then '{text}'")
    return f"case {' '.join(branches)} else '{next(iter(weights))}' end"


def _columns(entity: str, expressions: dict[str, str]) -> str:
    """The landed columns of an entity, null where no expression is given."""
    return ", ".join(
        f"cast({expressions.get(name, 'null')} as {sql_type}) as {name}"
        for name, sql_type in ENTITIES[entity].landed.items()
    )


def _load_id(entity: str, index: int) -> str:
    day = FIRST_DAY + timedelta(days=index)
    return hashlib.sha256(f"{entity}\n{day}".encode()).hexdigest()[:16]


def _day_query(shop: Shop, entity: str, index: int, folder: Path) -> str:
    """Return the query for the rows of one day's file."""
    load_id = _load_id(entity, index)
    is_orders = entity == "orders"
    expressions = _ORDER_COLUMNS if is_orders else _INTERACTION_COLUMNS
    query = _ORDERS if is_orders else _INTERACTIONS
    if not is_orders and index:
        query = f"from ({query}) {_REPEATS}"
    query = query.replace(
        "{columns}", _columns(entity, {**expressions, "_load_id": f"'{load_id}'"})
    )
    return query.format(
        load_id=load_id,
        file_before=folder / f"{_load_id(entity, index - 1)}.parquet",
        index=index,
        day=FIRST_DAY + timedelta(days=index),
        seed=shop.seed,
        first=shop.rows_before(entity, index),
        stop=shop.rows_before(entity, index + 1),
        known=shop.known(index),
        settled=shop.known(index - 30),
        pushes=tuple(_PUSHES),
        event_type=_choice("draw(range, 'type')", _PUSHES | _EVENTS),
        status=_choice("draw(range, 'status')", _STATUSES),
        channel=_choice(f"draw({'i' if is_orders else 'visit'}, 'channel')", _CHANNELS),
    )


# Landing and ledger -----------------------------------------------------------------


def write_config(out: Path, memory_limit: str) -> Settings:
    """Write the shop's siyu.yaml into the warehouse folder, and return the settings."""
    config = out / "siyu.yaml"
    config.write_text(_CONFIG.format(memory_limit=memory_limit), encoding="utf-8")
    return load_settings(config)


def record(settings: Settings, load_log: LoadLog, source: Source, file: Path) -> None:
    """Enter a landing file into the ledger. Its day is the latest in it."""
    time_column = ENTITIES[source.entity].fact_time
    days: dict[date, int] = dict(
        duckdb.execute(
            f"select ({time_column} + interval 8 hours)::date, count(*) "
            f"from read_parquet('{file}') group by all"
        ).fetchall()
    )
    rows = sum(days.values())
    name = f"data/{source.entity}_{max(days)}.parquet"
    load = Load(
        load_id=file.stem,
        source=source.name,
        entity=source.entity,
        content_hash=hashlib.sha256(name.encode()).hexdigest(),
        mapping_hash=mapping_hash(settings, source),
        bytes=file.stat().st_size,
        rows_read=rows,
        rows_accepted=rows,
        rows_quarantined=0,
        rows_filtered=0,
        seconds=0.0,
        days=days,
    )
    load_log.add_load(load, name)


def generate(out: Path, shop: Shop, memory_limit: str) -> None:
    """Write the shop's landing, a file for each entity and day, and its ledger."""
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise SystemExit(f"{out} is not empty; name another folder with --out")
    settings = write_config(out, memory_limit)
    warehouse = Warehouse(settings.warehouse)
    started = time.monotonic()
    with warehouse.lock("bench"), duckdb.connect() as connection:
        connection.execute("set memory_limit = '1GB'")
        connection.execute(_MACROS.format(seed=shop.seed))
        load_log = LoadLog(warehouse.load_log)
        for source in settings.sources:
            folder = warehouse.landing / source.entity
            folder.mkdir(mode=0o700, exist_ok=True)
            for index in range(shop.days):
                file = folder / f"{_load_id(source.entity, index)}.parquet"
                query = _day_query(shop, source.entity, index, folder)
                connection.execute(
                    f"copy ({query}) to '{file}' "
                    "(format parquet, compression zstd, row_group_size 122880)"
                )
                record(settings, load_log, source, file)
                if (index + 1) % 50 == 0:
                    seconds = time.monotonic() - started
                    _tell(f"{source.entity}: {index + 1} days, {seconds:.0f} s")


def hide_last_day(settings: Settings, aside: Path) -> tuple[date, date]:
    """Move the last day's files out of landing and ledger.

    Returns the last day and the day before it. What an earlier, interrupted measurement
    has left aside is put back first.
    """
    show_last_day(settings, aside)
    warehouse = Warehouse(settings.warehouse)
    with warehouse.lock("bench"):
        loads = LoadLog(warehouse.load_log).loads()
        last = max(max(load.days) for load in loads)
        hidden = [load for load in loads if last in load.days]
        for load in hidden:
            place = Path(load.entity, f"{load.load_id}.parquet")
            (aside / load.entity).mkdir(parents=True, exist_ok=True)
            (warehouse.landing / place).replace(aside / place)
        keys = [(load.source, load.content_hash) for load in hidden]
        with closing(sqlite3.connect(warehouse.load_log)) as connection, connection:
            connection.execute("pragma foreign_keys = on")
            for table in ("loads", "file_names"):
                connection.executemany(
                    f"delete from {table} where source = ? and content_hash = ?", keys
                )
    return last, last - timedelta(days=1)


def show_last_day(settings: Settings, aside: Path) -> None:
    """Put the files that are aside in place, as if they had been ingested just now."""
    warehouse = Warehouse(settings.warehouse)
    with warehouse.lock("bench"):
        load_log = LoadLog(warehouse.load_log)
        for source in settings.sources:
            for file in sorted((aside / source.entity).glob("*.parquet")):
                record(settings, load_log, source, file)
                file.replace(warehouse.landing / source.entity / file.name)


# The builds -------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """What one build took. ``nodes`` are seconds of each model, seed and test.

    ``goes_on`` tells whether it went on from the build before it, or built all afresh.
    """

    goes_on: bool
    seconds: float
    peak_mib: int
    nodes: dict[str, float]


def build_once(
    settings: Settings, as_of: date, select: list[str], *, full: bool
) -> tuple[list[NodeResult], bool]:
    """Do what a run does from landing to built marts; tell whether it went on.

    `dbt_build` in pipeline/assets/transform.py is the model; change this with it. What
    is selected counts as everything here, so that the next build may go on from it.
    """
    run_id = f"bench-{uuid.uuid4().hex[:8]}"
    with open_session(
        settings, SilentConsole(), run_id, as_of=as_of, full_refresh=full
    ) as session:
        warehouse = session.warehouse
        register_landing(settings, warehouse, session.load_log)
        last = begin_build(settings, warehouse, as_of, run_id)
        results = run_build(build_for(session, warehouse.build_database, select, last))
        if any(result.has_failed for result in results):
            message = failure_message(results, warehouse.build_database)
            raise session.fail(message)
        record_end(warehouse)
        session.is_finished = True
    return results, last is not None


def build(settings: Settings, as_of: date, select: list[str], *, full: bool) -> Figures:
    """Build in this process, and say what it took."""
    # Leave out the tests that need a table which is not selected.
    os.environ["DBT_INDIRECT_SELECTION"] = "buildable"
    started = time.monotonic()
    results, goes_on = build_once(settings, as_of, select, full=full)
    seconds = time.monotonic() - started
    # VmHWM: ru_maxrss would count the parent's memory as well, from before the exec.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return Figures(
        goes_on=goes_on,
        seconds=round(seconds, 1),
        peak_mib=int(peak.split()[1]) // 1024,
        nodes={result.name: result.seconds for result in results},
    )


def build_apart(out: Path, as_of: date, select: list[str], *, full: bool) -> Figures:
    """Build in a process of its own; what dbt prints goes to standard error."""
    figures = out / "figures.json"
    command = [
        *(sys.executable, __file__, "build"),
        *("--out", str(out)),
        *("--as-of", as_of.isoformat()),
        *("--figures", str(figures)),
        *("--select", *select),
        *(["--full"] if full else []),
    ]
    done = subprocess.run(command, stdout=sys.stderr, check=False)
    if done.returncode:
        raise SystemExit(f"the build as of {as_of} failed; see above")
    return Figures(**json.loads(figures.read_text(encoding="utf-8")))


def measure(out: Path, select: list[str], memory_limit: str) -> dict[str, Figures]:
    """Build without the last day, then with it, then again with nothing new."""
    settings = write_config(out, memory_limit)
    aside = out / "aside"
    last, before = hide_last_day(settings, aside)
    _tell(f"full build as of {before}")
    full = build_apart(out, before, select, full=True)
    show_last_day(settings, aside)
    _tell(f"one more day, as of {last}")
    one_more_day = build_apart(out, last, select, full=False)
    _tell(f"nothing new, as of {last}")
    nothing_new = build_apart(out, last, select, full=False)
    return {"full": full, "one more day": one_more_day, "nothing new": nothing_new}


def report(builds: dict[str, Figures]) -> str:
    """Return the figures as two tables: the builds, and the slowest nodes of each."""
    lines = [f"{'build':<14}{'seconds':>10}{'peak MiB':>10}{'in nodes, s':>13}  begins"]
    for name, it in builds.items():
        begins = "from the last build" if it.goes_on else "afresh"
        nodes = sum(it.nodes.values())
        lines.append(
            f"{name:<14}{it.seconds:>10,.1f}{it.peak_mib:>10,}{nodes:>13,.1f}  {begins}"
        )
    full, more = builds["full"].seconds, builds["one more day"].seconds
    lines += [f"one more day takes {more / full:.3f} of the full build", ""]
    lines.append(f"{'seconds of a node':<48}" + "".join(f"{n:>14}" for n in builds))
    for node in _slowest(builds):
        cells = (it.nodes.get(node) for it in builds.values())
        texts = ("" if cell is None else f"{cell:,.2f}" for cell in cells)
        lines.append(f"{node[:47]:<48}" + "".join(f"{text:>14}" for text in texts))
    return "\n".join(lines)


def _slowest(builds: dict[str, Figures]) -> list[str]:
    """Nodes that are among the slowest of any build, the slowest first."""
    worst: dict[str, float] = {}
    for it in builds.values():
        for node in sorted(it.nodes, key=it.nodes.__getitem__, reverse=True)[:SLOWEST]:
            worst[node] = max(worst.get(node, 0.0), it.nodes[node])
    return sorted(worst, key=worst.__getitem__, reverse=True)


# The command ------------------------------------------------------------------------


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    write = commands.add_parser("generate", help="write landing and ledger")
    time_it = commands.add_parser("measure", help="build three times")
    one = commands.add_parser("build", help="build once; `measure` calls it")
    for command in (write, time_it, one):
        command.add_argument("--out", type=Path, required=True, help="the warehouse")
    write.add_argument("--interactions", type=int, default=50_000_000)
    write.add_argument("--orders", type=int, default=5_000_000)
    write.add_argument("--customers", type=int, default=1_000_000)
    write.add_argument("--days", type=int, default=500)
    write.add_argument("--seed", type=int, default=1)
    for command in (write, time_it):
        command.add_argument(
            "--memory-limit", default="4GB", help="DuckDB's, during the builds"
        )
    for command in (time_it, one):
        command.add_argument(
            "--select", nargs="+", default=list(SELECT), help="what dbt is to build"
        )
    one.add_argument("--as-of", type=date.fromisoformat, required=True)
    one.add_argument("--figures", type=Path, required=True)
    one.add_argument("--full", action="store_true")
    return parser


def _shop(options: argparse.Namespace) -> Shop:
    """Read the shop's size; refuse one with days that may have no row of their own."""
    names = ("interactions", "orders", "customers", "days", "seed")
    shop = Shop(**{name: getattr(options, name) for name in names})
    if shop.days < 2 or min(shop.interactions, shop.orders) < _FEWEST_A_DAY * shop.days:
        raise SystemExit(
            f"a shop needs two days, and {_FEWEST_A_DAY} interactions and orders a day"
        )
    return shop


def main() -> None:
    """Read the arguments, and do what they say."""
    options: Any = _parser().parse_args()
    out: Path = options.out.resolve()
    if options.command == "generate":
        generate(out, _shop(options), options.memory_limit)
    elif options.command == "measure":
        builds = measure(out, options.select, options.memory_limit)
        sys.stdout.write(report(builds) + "\n")
    else:
        settings = load_settings(out / "siyu.yaml")
        found = build(settings, options.as_of, options.select, full=options.full)
        options.figures.write_text(json.dumps(asdict(found)), encoding="utf-8")


if __name__ == "__main__":
    main()
