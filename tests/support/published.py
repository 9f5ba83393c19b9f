"""A published version written by hand: the marts that exports read, and identifiers."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipeline.config.settings import Settings, load_settings
from pipeline.storage.warehouse import Warehouse

_TABLES = """
create schema marts;
create table marts.published (as_of_date date);
create table marts.customer_360 (
    customer_id varchar, persona varchar, region varchar, valid_orders int,
    last_order_date date);
create table marts.dim_audience (
    audience varchar, play varchar, channel varchar, label_en varchar,
    label_zh varchar, is_enabled boolean);
create table marts.audience_members (
    as_of_date date, audience varchar, customer_id varchar, since_date date,
    cause varchar, is_held_out boolean);
create table marts.journey_touches (
    as_of_date date, touch_id varchar, customer_id varchar, journey varchar,
    step varchar, channel varchar, content_key varchar, offer_key varchar,
    label_en varchar, label_zh varchar, decision varchar, reason varchar);
"""
DAY = date(2025, 6, 30)
# audience, customer_id
Members = Iterable[tuple[str, str]]
# touch_id, customer_id, decision
Touches = Iterable[tuple[str, str, str]]


def publish_by_hand(
    warehouse: Path,
    *,
    day: date = DAY,
    members: Members = (),
    held_out: Members = (),
    audiences: Iterable[str] = ("loyal", "new"),
    disabled: Iterable[str] = (),
    regions: Mapping[str, str] | None = None,
    touches: Touches = (),
    identifiers: Iterable[tuple[str, str, str]] = (),
) -> None:
    """Publish this state in place of the one before.

    ``regions`` are customers with their region; everybody who is named is a customer.
    """
    members, held_out, touches = list(members), list(held_out), list(touches)
    named = {c for _, c in (*members, *held_out)} | {t[1] for t in touches}
    regions = dict.fromkeys(sorted(named), "east") | dict(regions or {})
    version = warehouse / "published" / day.isoformat()
    shutil.rmtree(version, ignore_errors=True)
    version.mkdir(parents=True)
    Warehouse(warehouse).prepare()
    with duckdb.connect(str(version / "siyu.duckdb")) as connection:
        connection.execute(_TABLES)
        _fill(connection, "published", [(day,)])
        _fill(
            connection,
            "customer_360",
            [(c, "Lily", region, 2, DAY) for c, region in regions.items()],
        )
        _fill(
            connection,
            "dim_audience",
            [
                (
                    name,
                    "a play",
                    "wecom",
                    f"{name} en",
                    f"{name} 中",
                    name not in disabled,
                )
                for name in audiences
            ],
        )
        _fill(
            connection,
            "audience_members",
            [
                (day, audience, customer, DAY, "rule", is_held_out)
                for rows, is_held_out in ((members, False), (held_out, True))
                for audience, customer in rows
            ],
        )
        _fill(
            connection,
            "journey_touches",
            [
                (day, t, c, "back", "t1", "wecom", "hi", None, "Hi", "你好", d, "due")
                for t, c, d in touches
            ],
        )
        connection.execute(
            "create temp table ids (customer_id varchar, id_type varchar, "
            "id_value varchar, id_rank int)"
        )
        ranked = [(*row, rank) for rank, row in enumerate(identifiers, start=1)]
        if ranked:
            connection.executemany("insert into ids values (?, ?, ?, ?)", ranked)
        connection.execute(f"copy ids to '{version}/identifiers.parquet'")
    for link, target in (
        ("published/current", day.isoformat()),
        ("siyu.duckdb", "published/current/siyu.duckdb"),
    ):
        (warehouse / link).unlink(missing_ok=True)
        (warehouse / link).symlink_to(target)


def _fill(
    connection: duckdb.DuckDBPyConnection, mart: str, rows: list[tuple[Any, ...]]
) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"insert into marts.{mart} values ({marks})", rows)


def parquet_files(marts: Path) -> dict[str, list[str]]:
    """The Parquet files of each table: one, or those of its months."""
    return {
        path.stem: sorted(
            map(str, path.rglob("*.parquet") if path.is_dir() else [path])
        )
        for path in marts.iterdir()
    }


def shop_with(folder: Path, *destinations: Mapping[str, Any]) -> Settings:
    """The settings of a shop with these destinations; its warehouse is ``folder``/w."""
    document = {
        "shop": {"name": "s"},
        "warehouse": "w",
        "sources": [{"name": "o", "entity": "orders", "path": "o.csv"}],
        "destinations": [dict(destination) for destination in destinations],
    }
    file = folder / "siyu.yaml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return load_settings(file)
