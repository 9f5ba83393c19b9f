"""A second reading of the demo's files, in plain Python and by the contract only.

It shares nothing with the generator or with ingest, so that truth is held against the
bytes that were written.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb

ZONE = timedelta(hours=8)
VALID = ("paid", "shipped", "completed")
Row = dict[str, Any]


@dataclass
class Read:
    """One file's good rows, the bad ones' places and reasons, and how many left out."""

    rows: list[Row] = field(default_factory=list)
    bad: list[tuple[int, str]] = field(default_factory=list)
    filtered: int = 0


def local_time(text: str) -> datetime | None:
    """Parse the forms that the contract names, as local time; None if it is none."""
    if re.fullmatch(r"\d{13}", text):
        return datetime(1970, 1, 1) + timedelta(milliseconds=int(text)) + ZONE
    text = text.replace("/", "-").replace(" ", "T").removesuffix("+08:00")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _text(path: Path, encoding: str) -> str:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    return content.decode(encoding)


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    text = io.StringIO(_text(path, encoding), newline="")
    yield from csv.reader(text, delimiter=delimiter)


def _judge(row: Row, required: str, times: str, numbers: str) -> str | None:
    """Return the kind of the first thing wrong with a row of text."""
    for name in required.split():
        if not row[name]:
            return "missing"
    for name in times.split():
        if row[name]:
            at = local_time(row[name])
            if at is None:
                return "time"
            if at.year < 1990 and name != "birthday":
                return "bounds"
            row[name] = at
    for name in numbers.split():
        if row[name]:
            try:
                row[name] = Decimal(row[name])
            except InvalidOperation:
                return "number"
    return None


def read_delimited(
    path: Path,
    *,
    required: str,
    times: str,
    numbers: str = "",
    encoding: str = "utf-8-sig",
    where: Callable[[Row], bool] = lambda _: True,
) -> Read:
    """Read a csv or tsv file; names are separated by spaces."""
    delimiter = "\t" if path.suffix == ".tsv" else ","
    records = _records(path, encoding, delimiter)
    header = next(records)
    result = Read()
    last = 0
    for last, record in enumerate(records, start=1):
        if len(record) != len(header):
            short = len(record) < len(header)
            result.bad.append((last, "few_fields" if short else "many_fields"))
            continue
        row = dict(zip(header, record, strict=True))
        if not where(row):
            result.filtered += 1
        elif reason := _judge(row, required, times, numbers):
            result.bad.append((last, reason))
        elif row.get("granted", "1") not in ("0", "1"):
            result.bad.append((last, "boolean"))
        else:
            result.rows.append(row)
    text = _text(path, encoding)
    if not text.endswith("\n"):
        result.bad[-1] = (last, "truncated")
    return result


def read_app(path: Path) -> Read:
    """Read a jsonl file of app events."""
    result = Read()
    for number, line in enumerate(_text(path, "utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            result.bad.append((number, "truncated"))
            continue
        if row["event"] is None:
            result.bad.append((number, "missing"))
        elif row["ts"] == 0:
            result.bad.append((number, "bounds"))
        else:
            row["at"] = datetime(1970, 1, 1) + timedelta(milliseconds=row["ts"]) + ZONE
            result.rows.append(row)
    return result


def read_wecom(path: Path) -> Read:
    """Read a Parquet file of WeCom events."""
    result = Read()
    relation = duckdb.sql(f"from read_parquet('{path}')")
    for number, values in enumerate(relation.fetchall(), start=1):
        row = dict(zip(relation.columns, values, strict=True))
        if row["event"] is None:
            result.bad.append((number, "missing"))
        else:
            row["at"] = row["created_at"] + ZONE
            result.rows.append(row)
    return result


@dataclass
class Facts:
    """The shop as its files tell it, each fact once."""

    files: dict[str, Read]
    orders: dict[str, Row]
    lines: Counter[tuple[Any, ...]]
    events: list[Row]
    members: dict[str, Row]
    consents: set[tuple[Any, ...]]
    identities: set[tuple[Any, ...]]
    contacts: dict[tuple[Any, ...], Row]
    arms: dict[str, Row]


def read_shop(root: Path) -> Facts:
    """Read all text, JSON and Parquet files of a demo shop."""
    files: dict[str, Read] = {}

    def read(pattern: str, reader: Callable[[Path], Read]) -> list[Read]:
        for path in sorted(root.glob(pattern)):
            files[path.relative_to(root).as_posix()] = reader(path)
        return [
            files[p.relative_to(root).as_posix()] for p in sorted(root.glob(pattern))
        ]

    def delimited(pattern: str, **options: Any) -> list[Read]:
        return read(pattern, lambda path: read_delimited(path, **options))

    orders = delimited(
        "data/mall/orders_*.csv",
        required="order_id created_at total",
        times="created_at updated_at",
        numbers="total refund",
        where=lambda row: row["is_test"] != "1",
    )
    lines = delimited(
        "data/mall/order_lines_*.csv.gz",
        required="order_id created_at sku qty",
        times="created_at",
        numbers="qty price",
        where=lambda row: not row["order_id"].startswith("TEST"),
    )
    pos = delimited(
        "data/pos/sales_*.csv",
        required="流水号 交易时间 商品编码 数量",
        times="交易时间",
        numbers="数量 单价",
        encoding="gb18030",
    )
    members = delimited(
        "data/crm/members_*.csv",
        required="member_no",
        times="joined_at birthday wecom_at updated_at",
    )
    consents = delimited(
        "data/crm/consents.csv",
        required="customer_id channel granted changed_at",
        times="changed_at",
    )
    identities = delimited(
        "data/crm/identities.tsv", required="id_type id_value customer_id", times=""
    )
    contacts = delimited(
        "data/crm/contacts_*.csv",
        required="customer_id channel sent_at",
        times="sent_at",
    )
    arms = delimited(
        "data/crm/experiment_*.csv",
        required="experiment customer_id arm assigned_at",
        times="assigned_at",
    )
    app = read("data/app/*.jsonl", read_app)
    wecom = read("data/wecom/*.parquet", read_wecom)
    return Facts(
        files=files,
        orders=_latest(orders, "order_id") | _pos_orders(pos),
        lines=_most_in_a_file(
            [[("line", r["order_id"], r["line"]) for r in f.rows] for f in _once(lines)]
            + [[tuple(r.values()) for r in f.rows] for f in pos]
        ),
        events=_events(app, wecom),
        members=_latest(members, "member_no"),
        consents={tuple(row.values()) for file in consents for row in file.rows},
        identities={tuple(row.values()) for file in identities for row in file.rows},
        contacts={
            (row["customer_id"], row["channel"], row["sent_at"]): row
            for file in contacts
            for row in file.rows
        },
        arms={row["customer_id"]: row for file in arms for row in file.rows},
    )


def _once(files: list[Read]) -> list[Read]:
    """Leave out of later files the keyed lines that an earlier one held."""
    seen: set[tuple[str, str]] = set()
    result = []
    for file in files:
        keys = [(row["order_id"], row["line"]) for row in file.rows]
        pairs = zip(keys, file.rows, strict=True)
        result.append(Read([row for key, row in pairs if key not in seen]))
        seen.update(keys)
    return result


def _latest(files: list[Read], key: str) -> dict[str, Row]:
    """Return the version of each key with the latest ``updated_at``."""
    found: dict[str, Row] = {}
    for file in files:
        for row in file.rows:
            before = found.get(row[key])
            if before is None or row["updated_at"] >= before["updated_at"]:
                found[row[key]] = row
    return found


def _most_in_a_file(files: list[list[tuple[Any, ...]]]) -> Counter[tuple[Any, ...]]:
    """Count each content by the largest number of times that one file holds it."""
    most: Counter[tuple[Any, ...]] = Counter()
    for contents in files:
        most |= Counter(contents)
    return most


def _pos_orders(files: list[Read]) -> dict[str, Row]:
    """Derive the orders of the tills from their lines."""
    status = {"已完成": "completed", "已退货": "refunded", "已作废": "cancelled"}
    lines = _most_in_a_file([[tuple(r.items()) for r in f.rows] for f in files])
    totals: dict[str, Decimal] = defaultdict(Decimal)
    orders: dict[str, Row] = {}
    for content, times in lines.items():
        line = dict(content)
        totals[line["流水号"]] += times * line["数量"] * line["单价"]
        orders[line["流水号"]] = {
            "member_id": line["会员卡号"],
            "created_at": line["交易时间"],
            "status": status[line["状态"]],
            "total": totals[line["流水号"]],
            "refund": "",
        }
    return orders


def _events(app: list[Read], wecom: list[Read]) -> list[Row]:
    """Return every event once, as customer, type, local time and who was referred."""
    by_id = {row["event_id"]: row for file in app for row in file.rows}
    events = [
        {
            "customer": row["uid"],
            "type": row["event"],
            "at": row["at"],
            "referred": row["invitee"],
        }
        for row in by_id.values()
    ]
    contents = _most_in_a_file([[tuple(r.items()) for r in f.rows] for f in wecom])
    for content in contents.elements():
        row = dict(content)
        customer = row["external_contact"]
        events.append(
            {
                "customer": customer,
                "type": row["event"],
                "at": row["at"],
                "referred": None,
            }
        )
    return events


def net(order: Row) -> Decimal:
    """Return the net amount of an order."""
    amount: Decimal = order["total"] - (order["refund"] or 0)
    return amount


def valid_orders(facts: Facts) -> list[Row]:
    """Return the orders that count."""
    return [
        order
        for order in facts.orders.values()
        if order["status"] in VALID and net(order) > 0 and order["member_id"]
    ]
